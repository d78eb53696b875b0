/** Runs an export: into a file of the desktop's dialog, or as a download of the browser. */
import type { ExportFormat } from '../../../preload/contract/exchange.ts';
import { client } from '../../connection/api.ts';
import { language } from '../../words/language.ts';
import { words } from '../../words/words.ts';

export interface ExportChoice {
  readonly chatIds: readonly string[] | null;
  readonly format: ExportFormat;
  readonly reasoning: boolean;
  readonly archive: boolean;
}

export interface ExportProgress {
  readonly doneChats: number;
  readonly chatCount: number;
}

/** Null: the dialog for the file's name was closed. */
export type ExportResult = { readonly fileName: string; readonly leftOutFiles: number } | null;

/** The desktop window writes the file itself; a browser gets it as a download. */
const target = window.bridge === undefined ? 'page' : 'file';

/** Throws as the route does; a canceled export ends with null. */
export async function exportChats(
  choice: ExportChoice,
  onProgress: (progress: ExportProgress) => void,
  signal: AbortSignal,
): Promise<ExportResult> {
  const labels = {
    language: language === 'en' ? 'en' : document.documentElement.lang || 'en',
    ...words.exchange.labels,
  };
  const input = { ...choice, chatIds: choice.chatIds === null ? null : [...choice.chatIds], labels, target } as const;
  const pieces: BlobPart[] = [];
  let file = { fileName: '', mediaType: '', chatCount: 0 };
  for await (const event of client.stream('exchange.export', input, { signal })) {
    switch (event.type) {
      case 'start':
        file = event;
        onProgress({ doneChats: 0, chatCount: event.chatCount });
        break;
      case 'piece':
        pieces.push(bytesOf(event.base64));
        break;
      case 'progress':
        onProgress({ doneChats: event.doneChats, chatCount: file.chatCount });
        break;
      case 'end':
        if (event.savedAs === null) download(new Blob(pieces, { type: file.mediaType }), file.fileName);
        return { fileName: event.savedAs ?? file.fileName, leftOutFiles: event.leftOutFiles };
      default:
        event satisfies never;
    }
  }
  return null;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** Time in which a browser has begun to read a download. */
const RELEASE_MS = 60_000;

function download(blob: Blob, fileName: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), RELEASE_MS);
}
