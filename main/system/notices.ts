/** Notices of events that no call waits for, shown on every screen. */
import { randomUUID } from 'node:crypto';
import type { Notice, NoticeFacts, NoticesEvent } from '../../preload/contract/system.ts';
import { createFeed } from '../base/feed.ts';

export interface Notices {
  /** Shows the notice in every window, also in those that open within a minute; with `isLasting`, in all that open while the app runs. */
  tell(notice: NoticeFacts, isLasting?: boolean): void;
  watch(signal: AbortSignal): AsyncGenerator<NoticesEvent>;
}

/** Windows that open later do not get a passing notice. */
const KEPT_MS = 60_000;
/** Limit for the passing notices, and for the lasting ones. */
const MAX_NOTICES = 20;

export function createNotices(now: () => number = Date.now): Notices {
  const feed = createFeed<NoticesEvent>((_waiting, next) => next);
  let kept: readonly { readonly notice: Notice; readonly until: number }[] = [];
  const current = (): NoticesEvent => ({
    notices: kept.filter(({ until }) => now() < until).map(({ notice }) => notice),
  });
  return {
    tell(notice, isLasting = false) {
      const until = isLasting ? Infinity : now() + KEPT_MS;
      const all = [...kept, { notice: { id: randomUUID(), ...notice }, until }].filter((one) => now() < one.until);
      // Each kind has a limit of its own, so that no number of passing notices takes the place of a lasting one.
      const passing = all.filter((one) => one.until !== Infinity).slice(-MAX_NOTICES);
      const lasting = all.filter((one) => one.until === Infinity).slice(-MAX_NOTICES);
      kept = all.filter((one) => passing.includes(one) || lasting.includes(one));
      feed.publish(current());
    },
    async *watch(signal) {
      const reader = feed.open(signal);
      yield current();
      yield* reader;
    },
  };
}
