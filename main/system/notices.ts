/** Notices of events that no call waits for, shown on every screen. */
import { randomUUID } from 'node:crypto';
import type { Notice, NoticeFacts, NoticesEvent } from '../../preload/contract/system.ts';
import { createFeed } from '../base/feed.ts';

export interface Notices {
  /** Shows the notice in every window, also in those that open within a minute; with `isLasting`, in all that open while the app runs. */
  tell(notice: NoticeFacts, isLasting?: boolean): void;
  watch(signal: AbortSignal): AsyncGenerator<NoticesEvent>;
}

/** Windows that open later do not get the notice. */
const KEPT_MS = 60_000;
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
      kept = [...kept, { notice: { id: randomUUID(), ...notice }, until }].slice(-MAX_NOTICES);
      feed.publish(current());
    },
    async *watch(signal) {
      const reader = feed.open(signal);
      yield current();
      yield* reader;
    },
  };
}
