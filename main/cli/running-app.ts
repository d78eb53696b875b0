/** The app that runs on this data folder, for a command that asks it instead of opening the database and models itself. */
import { randomBytes } from 'node:crypto';
import { get } from 'node:http';
import path from 'node:path';
import type { HearthClient, HearthContract } from '../../preload/contract/contract.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { connect, isFrame, type Port } from '../../preload/wire/rpc.ts';
import { CONTROL_PATH, isProof, readLivingControl, type Control } from '../app/control.ts';
import type { Environment } from '../app/environment.ts';
import { firstEvent } from './first-event.ts';

export interface RunningApp {
  readonly client: HearthClient;
  readonly owner: Control['owner'];
  readonly pid: number;
  /** Ends the connection, and with it what is under way over it. */
  close(): void;
}

/** An app that is at work answers within milliseconds; one whose computer swaps may take seconds. */
const ANSWER_LIMIT_MS = 5000;
/** The answer to a challenge has some hundred bytes. */
const MAX_ANSWER_BYTES = 4096;
/** Vectors of a large request are the largest answers. */
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;

/** Where an app runs on the data folder: its file, once the app has proved that it wrote it. Null without one. */
export async function findRunningApp(
  { dataFolder }: Pick<Environment, 'dataFolder'>,
  signal?: AbortSignal,
): Promise<Control | null> {
  const control = readLivingControl(dataFolder);
  if (control === null) return null;
  const challenge = randomBytes(32).toString('hex');
  const answer = await ask(`${control.origin}${CONTROL_PATH}${challenge}`, signal);
  return isProof(answer?.['proof'], control.token, challenge) ? control : null;
}

/**
 * Connects to the app that runs on the data folder; null where none does. What a killed app has left behind is told apart, also when
 * another program has its port.
 * @throws AppError `unsupported` for an app of another version, whose routes may be others.
 */
export async function connectApp(
  environment: Pick<Environment, 'dataFolder'>,
  version: string,
  signal?: AbortSignal,
): Promise<RunningApp | null> {
  const control = await findRunningApp(environment, signal);
  if (control === null) return null;
  if (control.version !== version)
    throw new AppError(
      'unsupported',
      `Hearth ${control.version} is running, and this command belongs to Hearth ${version}. Close the app and start it again, so that both are the same version.`,
      { appVersion: control.version, commandVersion: version },
    );
  const { owner, pid } = control;
  const socket = await openSocket(control, signal);
  if (socket === null) return null;
  return { client: connect<HearthContract>(socket.port), owner, pid, close: socket.close };
}

/**
 * The same for a command that works on the models of the cache. A command whose variables name another cache than the app's means that
 * one, and works on it alone.
 */
export async function connectAppOfCache(
  environment: Pick<Environment, 'dataFolder' | 'cacheFolder'>,
  version: string,
  signal?: AbortSignal,
): Promise<RunningApp | null> {
  const app = await connectApp(environment, version, signal);
  if (app === null || environment.cacheFolder === null) return app;
  try {
    const { current } = (await firstEvent(app.client, 'settings.watch', signal)).cacheFolder;
    if (path.resolve(current.path) === path.resolve(environment.cacheFolder.path)) return app;
  } catch (error) {
    app.close();
    throw error;
  }
  app.close();
  return null;
}

/** The JSON object at an address; null where nothing listens, or what listens is no app. */
function ask(url: string, signal: AbortSignal | undefined): Promise<Readonly<Record<string, unknown>> | null> {
  return new Promise((resolve) => {
    const limit = AbortSignal.any([AbortSignal.timeout(ANSWER_LIMIT_MS), ...(signal ? [signal] : [])]);
    const request = get(url, { signal: limit, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        if (text.length > MAX_ANSWER_BYTES) request.destroy();
      });
      response.once('end', () => resolve(response.statusCode === 200 ? objectIn(text) : null));
      response.once('error', () => resolve(null));
    });
    request.once('error', () => resolve(null));
    request.once('close', () => resolve(null));
  });
}

function objectIn(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}

/** The port of a WebSocket to the app; null where the app closed in between. */
async function openSocket(
  { origin, token }: Control,
  signal: AbortSignal | undefined,
): Promise<{ readonly port: Port; close(): void } | null> {
  const { WebSocket } = await import('ws');
  const socket = new WebSocket(`${origin.replace(/^http/, 'ws')}/rpc`, {
    headers: { authorization: `Bearer ${token}` },
    handshakeTimeout: ANSWER_LIMIT_MS,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    followRedirects: false,
  });
  // An error is always followed by the close, which the port tells.
  socket.on('error', () => {});
  const close = (): void => socket.terminate();
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once('open', () => resolve(true));
    socket.once('close', () => resolve(false));
    signal?.addEventListener('abort', close, { once: true });
    if (signal?.aborted === true) close();
  });
  signal?.removeEventListener('abort', close);
  if (!isOpen) return null;
  return {
    close,
    port: {
      post: (frame) => {
        if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame));
      },
      onFrame: (listener) =>
        void socket.on('message', (data: Buffer) => {
          let frame: unknown;
          try {
            frame = JSON.parse(data.toString('utf8'));
          } catch {
            return close();
          }
          if (isFrame(frame)) listener(frame);
        }),
      onClose: (listener) => void socket.once('close', listener),
    },
  };
}
