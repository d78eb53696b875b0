/** The words for a key's rights and use. */
import type { ApiKey } from '../../../../preload/contract/server.ts';
import { formatRelativeDate } from '../../../words/format.ts';
import { words } from '../../../words/words.ts';

const { keys } = words.server;

/** `Generate, Models · 2 models`. */
export function rightsWords({ endpoints, models }: ApiKey): string {
  return [
    endpoints === null ? keys.mayAll : keys.mayGroups(endpoints.map((group) => keys.groups[group].label)),
    models === null ? keys.withAllModels : keys.withModels(models.length),
  ].join(' · ');
}

/** Tokens of today, beside the limit where there is one. */
export function todayWords({ tokensToday, tokensPerDay }: ApiKey): string {
  return tokensPerDay === null ? keys.tokensToday(tokensToday) : keys.tokensOfLimit(tokensToday, tokensPerDay);
}

/** Requests of the last minute beside their limit; empty without one. */
export function minuteWords({ requestsThisMinute, requestsPerMinute }: ApiKey): string {
  return requestsPerMinute === null ? '' : keys.requestsOfLimit(requestsThisMinute ?? 0, requestsPerMinute);
}

export function lastUseWords({ lastUsedAt }: ApiKey, nowMs: number): string {
  return lastUsedAt === null ? keys.neverUsed : formatRelativeDate(lastUsedAt, nowMs);
}
