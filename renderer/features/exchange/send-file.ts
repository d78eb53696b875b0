/** Sends a file of chats to main, which reads it and answers with what is in it. */
import type { ImportPreview } from '../../../preload/contract/exchange.ts';
import { AppError, decodeError } from '../../../preload/wire/errors.ts';
import { sessionToken } from '../../connection/api.ts';

/** `onSent` gets the share that was sent, from 0 to 1. Throws an AppError; `cancelled` after an abort. */
export function sendFile(file: File, onSent: (share: number) => void, signal: AbortSignal): Promise<ImportPreview> {
  return new Promise((resolve, reject) => {
    // XMLHttpRequest, because fetch reports no progress of an upload.
    const request = new XMLHttpRequest();
    signal.addEventListener('abort', () => request.abort());
    request.upload.onprogress = ({ loaded }) => onSent(file.size === 0 ? 1 : Math.min(1, loaded / file.size));
    request.upload.onload = () => onSent(1);
    request.onerror = () => reject(new AppError('disconnected', ''));
    request.onabort = () => reject(new AppError('cancelled', ''));
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300 && 'importId' in body)
        resolve(body as unknown as ImportPreview);
      else reject(decodeError('error' in body && isObject(body.error) ? body.error : { code: 'internal' }));
    };
    request.open('POST', `/import-chats/${encodeURIComponent(file.name)}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('x-file-size', String(file.size));
    const token = sessionToken?.get() ?? null;
    if (token !== null) request.setRequestHeader('authorization', `Bearer ${token}`);
    request.send(file);
  });
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
