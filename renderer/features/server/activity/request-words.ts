/** The words for a request of the log. */
import type { ApiRequest } from '../../../../preload/contract/server.ts';
import { formatDuration, formatFixed, formatInteger } from '../../../words/format.ts';
import { words } from '../../../words/words.ts';

const { activity } = words.server;

/** `1,204 + 88`; empty where neither is known. */
export function tokensOf({ promptTokens, generatedTokens }: ApiRequest): string {
  if (promptTokens === null && generatedTokens === 0) return '';
  return activity.tokensOf(promptTokens === null ? '?' : formatInteger(promptTokens), formatInteger(generatedTokens));
}

export const durationOf = (ms: number | null): string => (ms === null ? '' : formatDuration(ms));

export const speedOf = ({ tokensPerSecond }: ApiRequest): string =>
  tokensPerSecond === null ? '' : formatFixed(tokensPerSecond, tokensPerSecond < 10 ? 1 : 0);

/** The last part of a model's id, without the ending of its file. */
export const shortModel = (modelId: string | null): string =>
  modelId === null ? '' : (modelId.split('/').at(-1) ?? modelId).replace(/\.gguf$/i, '');

/** `curl/8.5 (x86_64)` becomes `curl/8.5`: what comes behind it in a User-Agent says little. */
export const shortProgram = (program: string): string => program.split(/\s*[(;]/)[0] ?? program;
