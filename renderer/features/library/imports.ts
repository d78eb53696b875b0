/** Uploads of files from the browser. They continue while other screens are shown. */
import { useSyncExternalStore } from 'react';
import { AppError, decodeError, type ErrorBody } from '../../../preload/wire/errors.ts';
import { sessionToken } from '../../connection/api.ts';
import { toAppError } from '../../connection/live.ts';
import { toast } from '../../ui/layers/toast.ts';
import { chatWith } from '../../parts/models/model-actions.ts';
import { ggufProblem, readImportAnswer } from './import-answer.ts';
import { words } from '../../words/words.ts';

export interface FileImport {
  readonly id: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly sentBytes: number;
  /** `checking`: the file is uploaded, and main checks it. */
  readonly state: 'sending' | 'checking' | 'failed';
  readonly error: ErrorBody | null;
}

let imports: readonly FileImport[] = [];
const requests = new Map<number, XMLHttpRequest>();
const listeners = new Set<() => void>();
let lastId = 0;

function set(next: readonly FileImport[]): void {
  imports = next;
  for (const listener of [...listeners]) listener();
}
function change(id: number, changes: Partial<FileImport>): void {
  set(imports.map((one) => (one.id === id ? { ...one, ...changes } : one)));
}
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The files in transfer and the failed ones, oldest first. */
export function useImports(): readonly FileImport[] {
  return useSyncExternalStore(subscribe, () => imports);
}

/** The desktop window has a dialog of its own, which uses files in place; a browser tab must upload them. */
export const hasFileDialog = window.bridge !== undefined;

/** Reads the first bytes of each file and uploads those that can be models. */
export function importFiles(files: Iterable<File>): void {
  for (const file of files) {
    const id = ++lastId;
    const entry = { id, name: file.name, sizeBytes: file.size, sentBytes: 0, state: 'sending', error: null } as const;
    set([...imports, entry]);
    startsAsGguf(file)
      .then((isGguf) => {
        const problem = ggufProblem(file.name, isGguf);
        if (problem) throw problem;
        if (imports.some((one) => one.id === id)) send(id, file);
      })
      .catch((cause: unknown) => change(id, { state: 'failed', error: toAppError(cause) }));
  }
}

/** Stops an upload, or removes a failed file from the list. */
export function dropImport(id: number): void {
  requests.get(id)?.abort();
  requests.delete(id);
  set(imports.filter((one) => one.id !== id));
}

async function startsAsGguf(file: File): Promise<boolean> {
  const magic = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  return String.fromCharCode(...magic) === 'GGUF';
}

/** XMLHttpRequest, because fetch reports no upload progress. */
function send(id: number, file: File): void {
  const request = new XMLHttpRequest();
  requests.set(id, request);
  request.upload.onprogress = ({ loaded, total }) =>
    change(id, { sentBytes: Math.min(loaded, file.size), state: loaded >= total ? 'checking' : 'sending' });
  request.upload.onload = () => change(id, { sentBytes: file.size, state: 'checking' });
  request.onerror = () => fail(id, new AppError('disconnected', ''));
  request.onload = () => {
    const { modelId, error } = readImportAnswer(request.status, request.responseText);
    if (error) return fail(id, decodeError(error));
    requests.delete(id);
    set(imports.filter((one) => one.id !== id));
    toast({
      tone: 'green',
      text: words.library.added(file.name),
      ...(modelId === null ? {} : { action: { label: words.models.chat, run: () => chatWith(modelId) } }),
    });
  };
  request.open('POST', `/import/${encodeURIComponent(file.name)}`);
  request.setRequestHeader('content-type', 'application/octet-stream');
  // In the desktop window a request body has no length.
  request.setRequestHeader('x-file-size', String(file.size));
  const token = sessionToken?.get() ?? null;
  if (token !== null) request.setRequestHeader('authorization', `Bearer ${token}`);
  request.send(file);
}

function fail(id: number, error: AppError): void {
  requests.delete(id);
  change(id, { state: 'failed', error });
}
