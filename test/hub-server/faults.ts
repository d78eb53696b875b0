/** Faults: they are matched against requests and damage the responses on purpose. */
import { matchesGlob } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type FaultLevel = 'api' | 'resolve' | 'cdn';

/** Byte counts refer to the response's body, except `corruptByte.offset`, which is an offset in the file. */
export type FaultKind =
  /** Destroys the connection after `afterBytes` of the body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Destroys the connection before any header. */
  | { readonly kind: 'reset' }
  /** Sends `afterBytes` of the body, then nothing, and leaves the connection open. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** Answers with this status instead of the real response. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds?: number }
  /** Answers a range request with 200 and the whole file. */
  | { readonly kind: 'ignoreRange' }
  /** Answers a range request with the range and status 200. Without `unnamed` it has its Content-Range. */
  | { readonly kind: 'rangeAs200'; readonly unnamed?: boolean }
  /** Answers a range request with 206 and a range `shiftBytes` (default 1) further on, and says so in Content-Range. */
  | { readonly kind: 'wrongRange'; readonly shiftBytes?: number }
  /** Ends the body early and cleanly (chunked, no Content-Length), so that HTTP itself sees nothing wrong. */
  | { readonly kind: 'shortBody'; readonly missingBytes: number }
  /** Sends more bytes than the file has (chunked, no Content-Length). */
  | { readonly kind: 'longBody'; readonly extraBytes: number }
  /** Flips every bit of the byte at this offset of the file. */
  | { readonly kind: 'corruptByte'; readonly offset: number }
  /** Another ETag (and X-Linked-Etag) than the file's. */
  | { readonly kind: 'changedEtag'; readonly etag?: string }
  /** At `resolve`: the redirect's address has already expired. */
  | { readonly kind: 'expiredRedirect' }
  /**
   * Cuts the first body after `afterBytes`, and refuses from then on: 401 from the Hub, 403 from the CDN. The body of a
   * redirect is its text.
   */
  | { readonly kind: 'unauthorizedMidway'; readonly afterBytes: number }
  /** Waits before it answers. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Sends no faster than this, per connection. */
  | { readonly kind: 'rate'; readonly bytesPerSecond: number };

export type Fault = FaultKind & {
  readonly at: FaultLevel;
  /**
   * A glob of the requests that the fault applies to; all when absent. It is matched at `api` against the path without
   * its leading slash (`api/models/owner/name/tree/**`), at `resolve` and `cdn` against
   * `owner/name/path/in/the/repository`.
   */
  readonly path?: string;
  readonly method?: 'GET' | 'HEAD' | 'POST';
  /** Number of matching requests that pass before the fault begins. Default 0. */
  readonly skip?: number;
  /** Number of matching requests that the fault applies to. Default: all. */
  readonly count?: number;
};

/** A handle of an active fault. */
export interface FaultHandle {
  /** Number of requests that the fault was applied to. */
  readonly hits: number;
  remove(): void;
}

interface ActiveFault {
  readonly fault: Fault;
  seen: number;
  hits: number;
}

export interface FaultTable {
  add(fault: Fault): FaultHandle;
  clear(): void;
  /** The faults that apply to this request, oldest first. Counts the request. */
  match(level: FaultLevel, subject: string, method: string): readonly ActiveHit[];
}

/** A fault and whether this is its first request. */
export type ActiveHit = { readonly fault: Fault; readonly first: boolean };

/** A table with no faults. */
export function createFaultTable(): FaultTable {
  const active: ActiveFault[] = [];
  return {
    add(fault) {
      const entry: ActiveFault = { fault, seen: 0, hits: 0 };
      active.push(entry);
      return {
        get hits() {
          return entry.hits;
        },
        remove() {
          const index = active.indexOf(entry);
          if (index >= 0) active.splice(index, 1);
        },
      };
    },
    clear() {
      active.length = 0;
    },
    match(level, subject, method) {
      const hits: ActiveHit[] = [];
      for (const entry of active) {
        const { fault } = entry;
        if (fault.at !== level || (fault.method !== undefined && fault.method !== method)) continue;
        if (fault.path !== undefined && !matchesGlob(subject, fault.path)) continue;
        entry.seen += 1;
        if (entry.seen <= (fault.skip ?? 0) || entry.hits >= (fault.count ?? Infinity)) continue;
        entry.hits += 1;
        hits.push({ fault, first: entry.hits === 1 });
      }
      return hits;
    },
  };
}

/** How a response is changed. */
export interface Shape {
  cutAfterBytes: number | null;
  stallAfterBytes: number | null;
  missingBytes: number;
  extraBytes: number;
  corruptAt: number[];
  ignoreRange: boolean;
  rangeAs200: 'named' | 'unnamed' | null;
  shiftRangeBytes: number;
  changedEtag: string | null;
  expired: boolean;
  bytesPerSecond: number;
}

/** The action before the real response: the connection ends, another status is sent, or the response is changed. */
export type Verdict =
  | { readonly act: 'reset' }
  | { readonly act: 'status'; readonly status: number; readonly retryAfterSeconds: number | null }
  | { readonly act: 'go'; readonly shape: Shape };

/** An unchanged response at `bytesPerSecond`. */
export function plainShape(bytesPerSecond: number): Shape {
  return {
    cutAfterBytes: null,
    stallAfterBytes: null,
    missingBytes: 0,
    extraBytes: 0,
    corruptAt: [],
    ignoreRange: false,
    rangeAs200: null,
    shiftRangeBytes: 0,
    changedEtag: null,
    expired: false,
    bytesPerSecond,
  };
}

/** Waits for delays and returns the action. `bytesPerSecond` is the server's own limit. */
export async function judge(hits: readonly ActiveHit[], level: FaultLevel, bytesPerSecond: number): Promise<Verdict> {
  const shape = plainShape(bytesPerSecond);
  for (const { fault, first } of hits) {
    switch (fault.kind) {
      case 'reset':
        return { act: 'reset' };
      case 'status':
        return { act: 'status', status: fault.status, retryAfterSeconds: fault.retryAfterSeconds ?? null };
      case 'unauthorizedMidway':
        if (!first) return { act: 'status', status: level === 'cdn' ? 403 : 401, retryAfterSeconds: null };
        shape.cutAfterBytes = fault.afterBytes;
        break;
      case 'cut':
        shape.cutAfterBytes = fault.afterBytes;
        break;
      case 'stall':
        shape.stallAfterBytes = fault.afterBytes;
        break;
      case 'shortBody':
        shape.missingBytes = fault.missingBytes;
        break;
      case 'longBody':
        shape.extraBytes = fault.extraBytes;
        break;
      case 'corruptByte':
        shape.corruptAt.push(fault.offset);
        break;
      case 'ignoreRange':
        shape.ignoreRange = true;
        break;
      case 'rangeAs200':
        shape.rangeAs200 = fault.unnamed === true ? 'unnamed' : 'named';
        break;
      case 'wrongRange':
        shape.shiftRangeBytes = fault.shiftBytes ?? 1;
        break;
      case 'changedEtag':
        shape.changedEtag = fault.etag ?? 'f'.repeat(64);
        break;
      case 'expiredRedirect':
        shape.expired = true;
        break;
      case 'delay':
        await sleep(fault.ms);
        break;
      case 'rate':
        shape.bytesPerSecond = Math.min(shape.bytesPerSecond, fault.bytesPerSecond);
        break;
      default:
        fault satisfies never;
    }
  }
  return { act: 'go', shape };
}
