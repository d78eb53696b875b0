/** What the http shell does with a request that was let in: a call of a route, a file to import, a file of the page. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../../preload/wire/errors.ts';
import type { App } from '../../app/app.ts';
import { headersOf, openPageFile } from '../page-files.ts';
import { unlessGone, withinBodyLimit } from '../../http/body.ts';
import { signalOf } from '../../http/connections.ts';
import { answerError, answerJson } from './answers.ts';
import { readJson, unescapeName } from './request-body.ts';
import type { Routes } from './routes.ts';

/** What the shell needs of the app. */
export type ShellApp = Pick<App, 'handlers' | 'onFailure'> & Partial<Pick<App, 'importFile' | 'importChats'>>;

const STALLED_MS = 300_000;

/** Runs one call and answers with its output. @throws AppError for what is to be answered instead. */
export async function answerCall(
  request: IncomingMessage,
  response: ServerResponse,
  route: string,
  loadRoutes: () => Promise<Pick<Routes, 'call'>>,
  onFailure: App['onFailure'],
): Promise<void> {
  if (request.method !== 'POST') throw new AppError('not_found', 'Routes are called with POST.');
  const signal = signalOf(response);
  const input = await withinBodyLimit(request, readJson(request));
  try {
    const output = await (await loadRoutes()).call(route, input, signal);
    answerJson(response, 200, output);
  } catch (error) {
    onFailure(route, error);
    throw error;
  }
}

/** Receives a model file or a file of chats: its name is in the address, its bytes are the body. Answers errors itself. */
export async function takeFile(
  request: IncomingMessage,
  response: ServerResponse,
  kind: 'model' | 'chats',
  escapedName: string,
  { importFile, importChats, onFailure }: ShellApp,
): Promise<void> {
  const signal = signalOf(response);
  const { socket } = request;
  // A file may take hours, but not without a byte for minutes. While Hearth itself reads nothing, its disk is that slow.
  response.setTimeout(STALLED_MS, () => request.complete || socket.destroy());
  try {
    const sizeBytes = Number(request.headers['content-length'] ?? NaN);
    const take =
      kind === 'chats'
        ? importChats && ((name: string) => importChats(name, request, signal))
        : importFile && ((name: string) => importFile(name, request, sizeBytes, signal));
    if (request.method !== 'POST' || !take) throw new AppError('not_found', 'Files are sent with POST.');
    answerJson(response, 200, await take(unescapeName(escapedName)));
  } catch (thrown) {
    const error = unlessGone(request, thrown);
    onFailure('import', error);
    answerError(request, response, error);
  }
}

/** Sends a file of the page in pieces, so that a caller who does not read costs one piece of memory. @throws AppError `not_found`. */
export async function answerPageFile(
  request: IncomingMessage,
  response: ServerResponse,
  pageFolder: string,
  urlPath: string,
): Promise<void> {
  const file = await openPageFile(pageFolder, urlPath);
  await using handle = file.handle;
  response.writeHead(200, headersOf(file));
  if (request.method === 'HEAD') return void response.end();
  // Rejects where the caller goes: then nobody is left to answer.
  await pipeline(handle.createReadStream({ autoClose: false }), response).catch(() => response.destroy());
}
