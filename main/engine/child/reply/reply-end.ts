/** Why a reply ends. */
import type { GenerateResult } from '../../protocol.ts';

export type EndReason = GenerateResult['endReason'];

export interface ReplyLimits {
  /** The caller's maximum; Infinity for none. */
  readonly maxTokens: number;
  /** The tokens of the context that the prompt leaves. */
  readonly roomTokens: number;
  /** The caller's stop texts. */
  readonly stop: readonly string[];
}

/** Why a reply ends with its latest token; null while it continues. `stopText` is the stop text that was met. */
export function endReasonOf(
  limits: ReplyLimits,
  isStopped: boolean,
  stopText: string | null,
  generatedTokens: number,
): EndReason | null {
  if (isStopped) return 'stopped';
  // Other stop texts end the model's turn in the plain form, so the model itself has ended here.
  if (stopText !== null) return limits.stop.includes(stopText) ? 'stop_text' : 'end_of_turn';
  if (generatedTokens < limits.maxTokens && generatedTokens < limits.roomTokens) return null;
  return generatedTokens >= limits.roomTokens ? 'context_full' : 'max_tokens';
}
