/** A fit in the words of a table. */
import type { Fit, FitVerdict } from '../../preload/contract/model.ts';
import { formatBytes, formatInteger } from '../base/format.ts';

const verdicts: Readonly<Record<FitVerdict, string>> = {
  fits: 'yes',
  tight: 'tight',
  too_big: 'no',
  unknown: '-',
};

export const fitWord = ({ verdict }: Fit): string => verdicts[verdict];

export const memoryOf = (fit: Fit): string => formatBytes(fit.ramBytes + fit.vramBytes);

/** `~34 tokens/s`, or empty while nothing tells. With ~ where no model was measured here yet. */
export function speedOf({ tokensPerSecond, isSpeedEstimated }: Fit): string {
  if (tokensPerSecond === null) return '';
  const number = tokensPerSecond < 10 ? tokensPerSecond.toFixed(1) : formatInteger(tokensPerSecond);
  return `${isSpeedEstimated ? '~' : ''}${number} tokens/s`;
}
