/** The app:// protocol: it serves the page at app://hearth/ and receives dropped files. */
import { AppError, encodeError } from '../../../preload/wire/errors.ts';
import type { App } from '../../app/app.ts';
import { headersOf, openPageFile, PREVIEW_PATH, securityHeaders } from '../page-files.ts';

export const PAGE_SCHEME = 'app';
/** The page's origin as Chromium reports it. Node's URL has no origin for this scheme. */
export const PAGE_ORIGIN = 'app://hearth';

/** True for an address of the page. Never throws. */
export function isPageAddress(address: string): boolean {
  const url = URL.parse(address);
  return url?.protocol === 'app:' && url.host === 'hearth' && url.username === '' && url.password === '';
}

/** True for the one address that a frame of the page may have. Never throws. */
export function isPreviewAddress(address: string): boolean {
  return address === `${PAGE_ORIGIN}${PREVIEW_PATH}`;
}

const IMPORT_PATH = '/import/';
const IMPORT_CHATS_PATH = '/import-chats/';

/**
 * The response to a request: a file of `pageFolder`, the result of an import for a POST to /import/NAME or /import-chats/NAME, or 404. Never throws.
 */
export async function answerPage(
  pageFolder: string,
  request: Pick<Request, 'method' | 'url'> & Partial<Pick<Request, 'body' | 'headers' | 'signal'>>,
  app?: Pick<App, 'importFile' | 'importChats'>,
): Promise<Response> {
  if (request.method === 'POST' && app && isPageAddress(request.url)) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith(IMPORT_PATH))
      return await takeFile(pathname.slice(IMPORT_PATH.length), request, app.importFile);
    if (pathname.startsWith(IMPORT_CHATS_PATH))
      return await takeFile(pathname.slice(IMPORT_CHATS_PATH.length), request, (name, bytes, _sizeBytes, signal) =>
        app.importChats(name, bytes, signal),
      );
  }
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const url = reads && isPageAddress(request.url) ? new URL(request.url) : null;
  const file = url && (await openPageFile(pageFolder, url.pathname).catch(() => null));
  if (!file)
    return new Response('There is nothing here.', {
      status: 404,
      headers: { ...securityHeaders, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    });
  await using handle = file.handle;
  return new Response(request.method === 'HEAD' ? null : await handle.readFile(), { headers: headersOf(file) });
}

async function takeFile(
  escapedName: string,
  { body, headers, signal }: Partial<Pick<Request, 'body' | 'headers' | 'signal'>>,
  take: (name: string, bytes: AsyncIterable<Uint8Array>, sizeBytes: number, signal: AbortSignal) => Promise<unknown>,
): Promise<Response> {
  const answer = (status: number, value: unknown): Response =>
    Response.json(value, { status, headers: { ...securityHeaders, 'cache-control': 'no-store' } });
  try {
    if (!body)
      throw new AppError('invalid_input', 'The window did not hand over the file. Choose it with “Add files”.', {
        reason: 'no_body',
      });
    // Chromium sets the length of a body that is a file; the page sends it in a header of its own as well.
    const sizeBytes = Number(headers?.get('x-file-size') ?? headers?.get('content-length') ?? NaN);
    const name = decodeURIComponent(escapedName);
    return answer(200, await take(name, body, sizeBytes, signal ?? new AbortController().signal));
  } catch (error) {
    return answer(400, { error: encodeError(error) });
  }
}
