/** The second host: large files behind signed addresses that expire, as the Hub's redirects point to. */
import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { contentRange, parseRange, type ByteRange } from './byte-range.ts';
import { contentSize, type Content } from './content.ts';
import { openExchange, sendBody, sendText, type BodyPart, type Exchange } from './exchange.ts';
import type { HubState } from './state.ts';

const KEY_PAIR_ID = 'K0TESTHUBKEY';

function sign(state: HubState, path: string, expires: string): string {
  return createHmac('sha256', state.secret).update(`${path}\n${expires}`).digest('base64url');
}

/** The signed address of a file, valid for an hour (`redirectLifetimeMs`), or one that expired a minute ago. */
export function signedAddress(
  state: HubState,
  repositoryId: string,
  filePath: string,
  content: Content,
  sha256: string,
  isExpired: boolean,
): string {
  const path = `/xet-bridge/${createHash('sha1').update(repositoryId).digest('hex').slice(0, 24)}/${sha256}`;
  // As on the real CDN, the ETag has 64 digits, but it is not the sha256 of the file.
  const etag = createHash('sha256').update(`cdn ${sha256}`).digest('hex');
  state.cdnFiles.set(path, { content, subject: `${repositoryId}/${filePath}`, etag });
  const expires = String(Math.ceil((state.now() + (isExpired ? -60_000 : state.redirectLifetimeMs)) / 1000));
  const name = filePath.slice(filePath.lastIndexOf('/') + 1);
  const query = new URLSearchParams({
    'response-content-disposition': `inline; filename*=UTF-8''${encodeURIComponent(name)}; filename="${name}";`,
    Expires: expires,
    Signature: sign(state, path, expires),
    'Key-Pair-Id': KEY_PAIR_ID,
  });
  return `${state.cdnUrl}${path}?${query.toString()}`;
}

function refuseXml(exchange: Exchange, status: number, code: string, message: string): Promise<void> {
  const xml = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return sendBody(exchange, status, { 'Content-Type': 'application/xml' }, [Buffer.from(xml)]);
}

/** Answers one request to the CDN. */
export async function serveCdn(state: HubState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').replace(/\?.*$/s, '');
  const file = state.cdnFiles.get(path);
  const exchange = await openExchange(request, response, 'cdn', file?.subject ?? path.slice(1), state);
  if (exchange === null) return;
  if (request.headers.authorization !== undefined) {
    // A client must not send the Hub's token here; the real storage also refuses two kinds of credentials at once.
    return refuseXml(exchange, 400, 'InvalidArgument', 'Only one auth mechanism allowed');
  }
  const expires = exchange.url.searchParams.get('Expires') ?? '';
  const isSigned = exchange.url.searchParams.get('Signature') === sign(state, path, expires);
  if (!isSigned || Number(expires) * 1000 <= state.now())
    return refuseXml(exchange, 403, 'AccessDenied', 'Access denied');
  if (file === undefined) return refuseXml(exchange, 404, 'NoSuchKey', 'The specified key does not exist.');
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return sendText(exchange, 405, 'Method Not Allowed', { Allow: 'GET, HEAD' });
  const disposition = exchange.url.searchParams.get('response-content-disposition');
  return sendFile(exchange, file.content, {
    ETag: `"${exchange.shape.changedEtag ?? file.etag}"`,
    'Content-Type': 'application/octet-stream',
    'Last-Modified': 'Wed, 01 May 2024 12:00:00 GMT',
    'Cache-Control': 'public, max-age=31536000',
    ...(disposition === null ? {} : { 'Content-Disposition': disposition }),
  });
}

/** Sends a file or the requested ranges of it: 200, 206, 304 or 416. `headers` must have the ETag. */
export async function sendFile(
  exchange: Exchange,
  content: Content,
  headers: { readonly ETag: string } & Record<string, string>,
): Promise<void> {
  const { request, shape } = exchange;
  const sizeBytes = contentSize(content);
  const common = { 'Accept-Ranges': 'bytes', ...headers };
  if (request.headers['if-none-match'] === headers.ETag) return sendBody(exchange, 304, common, []);
  const ifRange = request.headers['if-range'];
  const isCurrent = ifRange === undefined || ifRange === headers.ETag;
  const asked = isCurrent && !shape.ignoreRange ? parseRange(request.headers.range, sizeBytes) : 'whole';
  if (asked === 'whole') return sendBody(exchange, 200, common, [{ content, start: 0, end: sizeBytes }]);
  if (asked === 'none') {
    return sendText(exchange, 416, 'Range Not Satisfiable', {
      ...common,
      'Content-Range': `bytes */${String(sizeBytes)}`,
    });
  }
  const ranges = asked.map((range) => shiftRange(range, shape.shiftRangeBytes, sizeBytes));
  const only = ranges.length === 1 ? ranges[0] : undefined;
  if (only !== undefined) {
    const named = shape.rangeAs200 === 'unnamed' ? {} : { 'Content-Range': contentRange(only, sizeBytes) };
    return sendBody(exchange, shape.rangeAs200 === null ? 206 : 200, { ...common, ...named }, [{ content, ...only }]);
  }
  const boundary = crypto.randomUUID();
  const parts: BodyPart[] = [];
  for (const range of ranges) {
    const type = headers['Content-Type'] ?? 'application/octet-stream';
    const head = `\r\n--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: ${contentRange(range, sizeBytes)}\r\n\r\n`;
    parts.push(Buffer.from(head), { content, ...range });
  }
  parts.push(Buffer.from(`\r\n--${boundary}--\r\n`));
  return sendBody(exchange, 206, { ...common, 'Content-Type': `multipart/byteranges; boundary=${boundary}` }, parts);
}

function shiftRange(range: ByteRange, shiftBytes: number, sizeBytes: number): ByteRange {
  const start = Math.min(range.start + shiftBytes, sizeBytes - 1);
  return { start, end: Math.max(start + 1, Math.min(range.end + shiftBytes, sizeBytes)) };
}
