/** What happened behind the user's back and is to be said, whatever screen is shown. */
import { randomUUID } from 'node:crypto';
import type { Notice, NoticesEvent } from '../../preload/contract/system.ts';
import { createFeed } from '../base/feed.ts';

export interface Notices {
  /** Says it to every window, those that open within a minute among them. */
  say(title: string, text: string): void;
  watch(signal: AbortSignal): AsyncGenerator<NoticesEvent>;
}

/** A window that opens later is not told: it is old news by then. */
const KEPT_MS = 60_000;
const MAX_NOTICES = 20;

export function createNotices(now: () => number = Date.now): Notices {
  const feed = createFeed<NoticesEvent>((_waiting, next) => next);
  let kept: readonly (Notice & { readonly at: number })[] = [];
  const current = (): NoticesEvent => ({
    notices: kept.filter(({ at }) => now() - at < KEPT_MS).map(({ id, title, text }) => ({ id, title, text })),
  });
  return {
    say(title, text) {
      kept = [...kept, { id: randomUUID(), title, text, at: now() }].slice(-MAX_NOTICES);
      feed.publish(current());
    },
    async *watch(signal) {
      const reader = feed.open(signal);
      yield current();
      yield* reader;
    },
  };
}
