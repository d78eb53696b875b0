/** Parts of the words for errors that are made of their facts. A fact is checked, because main may leave it out. */
import type { ErrorData } from '../../../preload/wire/errors.ts';
import { formatBytes, formatInteger, plural } from '../format.ts';

/** A sentence, or a function that makes one of the error's facts. */
export type ErrorText = string | ((facts: ErrorData) => string);

/** A reason that the title of its code does not fit. */
export interface ReasonWords {
  readonly title: string;
  readonly text: ErrorText;
}

export interface ErrorWords {
  readonly title: string;
  /** One or two plain sentences, for errors without a reason that says more. */
  readonly text: ErrorText;
  /** By the fact `reason`, for errors that are more specific than their code. */
  readonly reasons?: Readonly<Record<string, ErrorText | ReasonWords>>;
}

export const size = (bytes: unknown): string => formatBytes(typeof bytes === 'number' ? bytes : 0);
export const text = (fact: unknown, otherwise: string): string =>
  typeof fact === 'string' && fact !== '' ? fact : otherwise;
/** Where in a header something is wrong; empty where main does not say. */
export const atField = (field: unknown): string => (typeof field === 'string' && field !== '' ? ` (${field})` : '');
export const isNumber = (fact: unknown): fact is number => typeof fact === 'number';

/** The length of a prompt beside the context size; empty where main does not give the two. */
export function roomWords({ neededTokens, contextSize, isEstimate }: ErrorData): string {
  if (!isNumber(neededTokens) || !isNumber(contextSize)) return '';
  const needed = `The prompt has ${isEstimate === true ? 'about ' : ''}${plural(neededTokens, { one: '# token', other: '# tokens' })}`;
  return neededTokens <= contextSize
    ? `${needed}, which is the whole context size: a reply has no room. `
    : `${needed}, and the context size is ${formatInteger(contextSize)}. `;
}

/** The name of the proxy in a sentence. */
export function proxyName(proxy: unknown): string {
  return typeof proxy === 'string' ? `The proxy ${proxy}` : 'A proxy on the way to the Hub';
}

/** Where the proxy's address is set, and its form. */
export function proxyPlace({ proxy, variable }: ErrorData): string {
  const address = `http://name:password@${text(proxy, 'host:port')}`;
  return typeof variable === 'string'
    ? `Start Hearth with ${variable}=${address}.`
    : `Enter its address as ${address} in Settings > Network.`;
}
