/** Settings that can be tried before a download: context size, memory type (KV cache), GPU layers. */
import type { Fit, KvCacheType } from '../../../preload/contract/model.ts';
import { formatBytes } from '../../words/format.ts';
import { words } from '../../words/words.ts';

/** Null lets Hearth choose. */
export interface FitChoices {
  readonly contextSize: number | null;
  readonly kvCacheType: KvCacheType | null;
  readonly gpuLayers: number | null;
}

export const ownChoices: FitChoices = { contextSize: null, kvCacheType: null, gpuLayers: null };

/** The three types that differ noticeably; the load settings have all of them. */
export const kvChoices: readonly { readonly value: KvCacheType; readonly label: string }[] = [
  { value: 'F16', label: 'F16' },
  { value: 'Q8_0', label: 'Q8_0' },
  { value: 'Q4_0', label: 'Q4_0' },
];

/** The source of the numbers, and the bytes that were read for them. */
export function basisSentence(basis: Fit['basis'], requests: number, headerBytes: number): string {
  if (basis !== 'header') return words.models.basis[basis];
  if (requests === 0) return words.discover.fit.readBefore;
  return words.discover.fit.readNow(formatBytes(headerBytes), requests);
}
