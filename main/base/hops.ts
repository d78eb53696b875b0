/**
 * By which Hearths a request came here. Hearths can name each other as servers elsewhere, and one can name itself: without a mark their
 * requests would go round without end. Each passes the marks of a request on with what it asks for it, and adds its own.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** The header of the marks, the oldest first. */
export const HOPS_HEADER = 'x-hearth-via';

/** More Hearths in a row are taken for a ring whose marks somebody removes. */
const MOST_HOPS = 8;
const mark = /^[0-9a-f]{16}$/;

export interface Hops {
  /** The header's value for a request that is sent on behalf of the present one, or of the user. */
  header(): string;
  /** Runs `work` on behalf of a request with this value of the header. What is no mark in it is left out. */
  on<T>(header: string | readonly string[] | undefined, work: () => T): T;
  /** Whether the present request was sent by this Hearth itself, came back by others, or came by too many; `none`: it is a new one. */
  ring(): 'none' | 'itself' | 'others';
}

/** The hops of one app. */
export function createHops(): Hops {
  const own = randomBytes(8).toString('hex');
  const present = new AsyncLocalStorage<readonly string[]>();
  const marks = (): readonly string[] => present.getStore() ?? [];
  return {
    header: () => [...marks(), own].join(','),
    on(header, work) {
      const all = String(header ?? '').split(',');
      const seen = all.map((one) => one.trim()).filter((one) => mark.test(one));
      return present.run(seen.slice(-MOST_HOPS), work);
    },
    ring() {
      const seen = marks();
      if (seen.at(-1) === own) return 'itself';
      return seen.includes(own) || seen.length >= MOST_HOPS ? 'others' : 'none';
    },
  };
}
