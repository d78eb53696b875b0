/** What is to be converted or quantized. The sheet for it lies above the screens, and any feature may open it. */
import type { ConversionSource, OutputType } from '../../preload/contract/convert.ts';
import { createLayerState } from './layer-state.ts';

export type ConvertSubject =
  | {
      readonly kind: 'checkpoint';
      readonly source: ConversionSource;
      /** An adapter that is merged into it. */
      readonly adapter?: ConversionSource;
      /** The repository's name, or the folder's. */
      readonly name: string;
      /** The output that is chosen at the beginning; null for the recommended one. */
      readonly type: OutputType | null;
    }
  | { readonly kind: 'model'; readonly modelId: string; readonly name: string };

const sheet = createLayerState<ConvertSubject | null>(null);

/** Opens the choice of an output for a checkpoint or a model. */
export function openConvert(subject: ConvertSubject): void {
  sheet.set(subject);
}

export function closeConvert(): void {
  sheet.set(null);
}

/** What the sheet is open for, or null. */
export function useConvertSubject(): ConvertSubject | null {
  return sheet.useValue();
}
