/** The server on and off. Starts and stops follow each other, and what the last start failed at is kept. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerSettings, ServerState } from '../../../preload/contract/server.ts';
import { AppError, encodeError, type ErrorBody } from '../../../preload/wire/errors.ts';
import type { Keys } from '../keys/keys.ts';
import { isGiven } from '../generation/given.ts';
import { isLoopback, startListening, type Listener } from './listener.ts';

/** What a start of the server may set for itself alone. */
export interface GivenStart {
  /** 0 takes any free port. */
  readonly port?: number;
  readonly key?: string;
}

export interface ServerSwitch {
  state(): Pick<ServerState, 'status' | 'error' | 'address'>;
  /** Resolves when the server listens. Throws invalid_input where a key is needed, unsupported with a reason. */
  on(given: GivenStart): Promise<void>;
  /** Ends what is being answered. */
  off(): Promise<void>;
  /**
   * Changes the settings, and listens elsewhere from then on where they say so. Where that is impossible it goes on as before, with the
   * settings of before. Throws as `on`, disk.full.
   */
  change(next: ServerSettings): Promise<void>;
  /** Whether other computers reach the server now. */
  isOpenToOthers(): boolean;
}

interface SwitchOptions {
  readonly settings: { get(): ServerSettings; set(settings: ServerSettings): void };
  readonly keys: Pick<Keys, 'areNeeded' | 'setGiven' | 'flush'>;
  /** Makes the function that answers requests until `stopped` fires. */
  readonly answers: (stopped: AbortSignal) => (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly onChange: () => void;
  readonly log: { info(line: string): void; warn(line: string): void };
}

interface Running {
  readonly listener: Listener;
  readonly stop: AbortController;
  /** Those of this run alone. */
  readonly key: string | null;
  readonly port: number | null;
  readonly host: string;
}

export function createSwitch({ settings, keys, answers, onChange, log }: SwitchOptions): ServerSwitch {
  let status: ServerState['status'] = 'off';
  let error: ErrorBody | null = null;
  let running: Running | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn(work: () => Promise<void>): Promise<void> {
    const next = turn.then(work);
    turn = next.catch(() => {});
    return next;
  }
  function become(next: ServerState['status'], failure: ErrorBody | null = null): void {
    status = next;
    error = failure;
    onChange();
  }
  function assertKey(host: string): void {
    if (!isLoopback(host) && !keys.areNeeded())
      throw new AppError('invalid_input', 'Other computers may reach this address, so the server needs a key first.', {
        ...{ reason: 'needs_key', host },
      });
  }

  async function open(given: GivenStart): Promise<void> {
    const { port, key = running?.key } = given;
    if (isGiven(key)) assertGivenKey(key);
    const { interface: host, port: settled } = settings.get();
    if (running) {
      if (isAsGiven(running, given, settled)) return;
      // It was started with the app, as the settings say: what this run was given comes first.
      await shut();
    }
    become('starting');
    try {
      keys.setGiven(key ?? null);
      assertKey(host);
      const stop = new AbortController();
      const onError = (failure: unknown): void => log.warn(`The API server: ${encodeError(failure).message}`);
      const listener = await startListening({ port: port ?? settled, host }, answers(stop.signal), onError);
      running = { listener, stop, key: key ?? null, port: port ?? null, host };
      log.info(`The API server listens on ${listener.address}.`);
      become('on');
    } catch (thrown) {
      keys.setGiven(null);
      become('off', encodeError(thrown));
      throw thrown;
    }
  }
  async function shut(): Promise<void> {
    if (!running) return;
    const { listener, stop } = running;
    become('stopping');
    stop.abort();
    await listener.close();
    running = null;
    keys.setGiven(null);
    keys.flush();
    become('off');
  }

  return {
    state: () => ({ status, error, address: running?.listener.address ?? null }),
    on: (given) => inTurn(() => open(given)),
    off: () => inTurn(shut),
    change: (next) =>
      inTurn(async () => {
        const before = settings.get();
        if (running) assertKey(next.interface);
        settings.set(next);
        // What the last start failed at may be mended now.
        error = null;
        onChange();
        if (!running || (before.port === next.port && before.interface === next.interface)) return;
        const { key, port } = running;
        const withKey = key === null ? {} : { key };
        await shut();
        try {
          // A port of one run stays where another address was chosen.
          await open({ ...withKey, ...(before.port === next.port && port !== null && { port }) });
        } catch (thrown) {
          // It goes on where it was: a port that is taken costs no program its server.
          settings.set(before);
          await open({ ...withKey, ...(port !== null && { port }) });
          throw thrown;
        }
      }),
    isOpenToOthers: () => running !== null && !isLoopback(running.host),
  };
}

/** Whether a start with these would change nothing. */
const isAsGiven = (running: Running, { port, key }: GivenStart, settled: number): boolean =>
  (port === undefined || port === (running.port ?? settled)) && (key === undefined || key === running.key);

/** A header must be able to carry it, and nobody may find it by trying. */
function assertGivenKey(key: string): void {
  if (!/^[\x21-\x7e]{16,300}$/.test(key))
    throw new AppError('invalid_input', 'A key has 16 to 300 letters, digits and signs, without spaces.', {
      field: 'key',
    });
}
