/** The context with the next message in it, and whether that message fits. */
import type { ContextPolicy } from '../../../../../preload/contract/chat.ts';
import { replyReserveTokens } from '../../../../../preload/contract/defaults.ts';
import { words } from '../../../../words/words.ts';
import { wholePercents, type ContextPart, type ContextUse } from '../context-parts.ts';

/** What is known of the next message and of the model that will read it. */
export interface NextMessage {
  readonly draftTokens: number;
  /** Of the system prompt, in a chat without a reply; else it is in the context already. */
  readonly systemTokens: number;
  /** Of the loaded model; null where it is not known. */
  readonly contextSize: number | null;
}

/** The context after the last reply (null without one) with the next message. Null where nothing is known of it. */
export function contextOfNext(
  after: ContextUse | null,
  { draftTokens, systemTokens, contextSize }: NextMessage,
): ContextUse | null {
  const size = contextSize ?? after?.contextSize ?? null;
  if (size === null || size <= 0) return null;
  if (after !== null && draftTokens === 0 && size === after.contextSize) return after;
  const before: readonly (readonly [ContextPart['key'], number])[] =
    after?.parts.flatMap(({ key, tokens }) => (key === 'free' ? [] : [[key, tokens] as const])) ??
    (systemTokens > 0 ? [['system', systemTokens]] : []);
  const amounts = [...before, ...(draftTokens > 0 ? [['draft', draftTokens] as const] : [])];
  const usedTokens = amounts.reduce((sum, [, tokens]) => sum + tokens, 0);
  const all = [...amounts, ['free', Math.max(0, size - usedTokens)] as const];
  const percents = wholePercents(all.map(([, tokens]) => tokens));
  return {
    usedTokens,
    contextSize: size,
    parts: all.map(([key, tokens], index) => ({
      ...{ key, tokens, label: words.contextMeter.origins[key], percent: percents[index] ?? 0 },
    })),
  };
}

export type DraftFit =
  | { readonly kind: 'fits' }
  /** Older messages are left out, or the middle of the conversation. */
  | { readonly kind: 'leaves_out'; readonly policy: Exclude<ContextPolicy, 'stop'> }
  /** The chat is set to refuse a message that does not fit. */
  | { readonly kind: 'refused' }
  /** It is longer than the whole context, or leaves nothing for the reply. */
  | { readonly kind: 'too_long'; readonly overTokens: number };

/** Whether the next message fits, as far as its tokens are known. */
export function draftFit(
  use: ContextUse | null,
  { draftTokens, systemTokens }: Pick<NextMessage, 'draftTokens' | 'systemTokens'>,
  policy: ContextPolicy,
): DraftFit {
  if (use === null || draftTokens === 0) return { kind: 'fits' };
  const kept = use.parts.find(({ key }) => key === 'system')?.tokens ?? systemTokens;
  const most = use.contextSize - replyReserveTokens(use.contextSize);
  if (kept + draftTokens > most) return { kind: 'too_long', overTokens: kept + draftTokens - most };
  if (policy === 'stop') return { kind: use.usedTokens >= use.contextSize ? 'refused' : 'fits' };
  return use.usedTokens > most ? { kind: 'leaves_out', policy } : { kind: 'fits' };
}
