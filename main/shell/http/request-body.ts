/** What a request brings: its JSON, and the name of a file in its address. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../preload/wire/errors.ts';
import { readText } from '../../http/body.ts';

/** Room for a message of two million characters with its JSON escapes. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** The body as JSON; an empty one is an empty object. @throws AppError `invalid_input`. */
export async function readJson(request: Pick<IncomingMessage, 'headers'> & AsyncIterable<unknown>): Promise<unknown> {
  // Pages of other sites can send forms and plain text without a preflight request, but not JSON.
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    throw new AppError('invalid_input', 'The body must be JSON, with content-type application/json.');
  const text = await readText(request, MAX_BODY_BYTES);
  try {
    return text.trim() === '' ? {} : (JSON.parse(text) as unknown);
  } catch {
    throw new AppError('invalid_input', 'The body is not JSON.');
  }
}

/** @throws AppError `invalid_input`. */
export function unescapeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AppError('invalid_input', 'The name of the file cannot be read.');
  }
}
