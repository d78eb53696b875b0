/** The page's own address in the window, app://hearth/, and what it answers. */
import { readPageFile, securityHeaders } from './page-files.ts';

export const PAGE_SCHEME = 'app';
/** As Chromium writes a frame's origin. Node's URL knows no origin for this scheme. */
export const PAGE_ORIGIN = 'app://hearth';

/** Whether an address is the page's own. Never throws. */
export function isPageAddress(address: string): boolean {
  const url = URL.parse(address);
  return url?.protocol === 'app:' && url.host === 'hearth' && url.username === '' && url.password === '';
}

/** The file of `pageFolder` that the request names, or 404 for everything else. Never throws. */
export async function answerPage(pageFolder: string, request: Pick<Request, 'method' | 'url'>): Promise<Response> {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const url = reads && isPageAddress(request.url) ? new URL(request.url) : null;
  const file = url && (await readPageFile(pageFolder, url.pathname).catch(() => null));
  if (!file)
    return new Response('There is nothing here.', {
      status: 404,
      headers: { ...securityHeaders, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    });
  return new Response(request.method === 'HEAD' ? null : file.bytes, {
    headers: {
      ...securityHeaders,
      'content-type': file.contentType,
      'cache-control': file.immutable ? 'private, max-age=31536000, immutable' : 'no-store',
    },
  });
}
