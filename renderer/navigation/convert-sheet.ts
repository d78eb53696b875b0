/** What is to be converted or quantized. The sheet for it lies above the screens, and any feature may open it. */
import { useSyncExternalStore } from 'react';
import type { ConversionSource, OutputType } from '../../preload/contract/convert.ts';

export type ConvertSubject =
  | {
      readonly kind: 'checkpoint';
      readonly source: ConversionSource;
      /** The repository's name, or the folder's. */
      readonly name: string;
      /** The output that is chosen at the beginning; null for the recommended one. */
      readonly type: OutputType | null;
    }
  | { readonly kind: 'model'; readonly modelId: string; readonly name: string };

let shown: ConvertSubject | null = null;
const listeners = new Set<() => void>();

function set(subject: ConvertSubject | null): void {
  shown = subject;
  for (const listener of [...listeners]) listener();
}

/** Opens the choice of an output for a checkpoint or a model. */
export function openConvert(subject: ConvertSubject): void {
  set(subject);
}

export function closeConvert(): void {
  set(null);
}

/** What the sheet is open for, or null. */
export function useConvertSubject(): ConvertSubject | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
}
