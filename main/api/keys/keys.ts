/** The keys of the API server: who may call, what, and how much. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { ApiKey, KeyRights } from '../../../preload/contract/server.ts';
import { AppError, encodeError } from '../../../preload/wire/errors.ts';
import type { KeyRecords, KeyUse, StoredKey } from '../../store/api-keys.ts';

/** A key as a request shows it. `id` is null for the one that was given when the server was started, which is stored nowhere. */
export interface Caller {
  readonly id: string | null;
  readonly rights: KeyRights;
  /** Fires when the key is revoked. */
  readonly revoked: AbortSignal;
}

/** Whether a caller may use a model. Null is the user, and a program where no key is needed. */
export const mayUseModel = (caller: Caller | null, modelId: string): boolean =>
  caller?.rights.models?.includes(modelId) !== false;

export interface Keys {
  list(): readonly ApiKey[];
  /** Whether the list is another one than at the last time that this was asked: a key was used, or its use has passed. */
  hasNews(): boolean;
  /** Whether there is any key, so that every request needs one. */
  areNeeded(): boolean;
  /** Whether a request may have another key than this one, be it stored or given for this run. */
  hasOtherThan(id: string): boolean;
  /** The key of a secret; null for a wrong one. */
  find(secret: string): Caller | null;
  /** Counts a request. @throws AppError `busy` with `retryAfterMs` where the key has made too many, or has used its tokens of the day. */
  admit(caller: Caller): void;
  /** Counts tokens of a prompt and of a reply. */
  countTokens(caller: Caller, tokens: number): void;
  /** @throws AppError `disk.full`. */
  create(rights: KeyRights): { readonly key: ApiKey; readonly secret: string };
  /** @throws AppError `not_found`, `disk.full`. */
  update(id: string, rights: KeyRights): void;
  /**
   * From now on the key opens nothing, also where it throws because that could not be stored, which is tried again with each `flush`.
   * @throws AppError `not_found`; `disk.full`, `disk.denied`, `busy` with the reason `key_revoked`.
   */
  revoke(id: string): void;
  /** A key for this run of the server alone; null takes it away. */
  setGiven(secret: string | null): void;
  /** Stores what was used since the last time. Never throws. */
  flush(): void;
}

interface KeysOptions {
  readonly records: KeyRecords;
  readonly now: () => number;
  /** The list has changed. */
  readonly onChange: () => void;
  readonly log: (line: string) => void;
}

const SECRET_PREFIX = 'hearth-';
/** Characters of a secret that are shown: enough to tell keys apart, and far too few to try the rest. */
const SHOWN = SECRET_PREFIX.length + 5;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** The use of a key since the start, and what of it is not stored yet. */
interface Use {
  /** Times of requests, oldest first. */
  readonly requests: number[];
  day: string;
  tokens: number;
  unstored: number;
  lastUsedAt: number | null;
  isTouched: boolean;
}

interface Known {
  key: StoredKey;
  readonly use: Use;
  readonly revoked: AbortController;
}

export function createKeys({ records, now, onChange, log }: KeysOptions): Keys {
  const byHash = new Map<string, Known>();
  const removals = createRemovals(records);
  let told = '';
  let given: { readonly hash: string; readonly caller: Caller; readonly revoked: AbortController } | null = null;

  const know = (key: StoredKey): void => {
    const day = dayOf(now());
    byHash.set(key.hash, {
      key,
      use: {
        ...{ requests: [], day, tokens: records.tokensOf(key.id, day), unstored: 0 },
        ...{ lastUsedAt: key.lastUsedAt, isTouched: false },
      },
      revoked: new AbortController(),
    });
  };
  for (const key of records.list()) know(key);

  const all = (): Known[] => [...byHash.values()].sort((a, b) => a.key.createdAt - b.key.createdAt);
  const byId = (id: string | null): Known | undefined => all().find(({ key }) => key.id === id);
  const existing = (id: string): Known => {
    const known = byId(id);
    if (!known) throw new AppError('not_found', 'There is no such key.', { keyId: id });
    return known;
  };
  const shown = ({ key, use }: Known): ApiKey => ({
    ...key.rights,
    ...{ id: key.id, beginning: key.beginning, createdAt: key.createdAt, lastUsedAt: use.lastUsedAt },
    tokensToday: use.day === dayOf(now()) ? use.tokens : 0,
    requestsThisMinute: key.rights.requestsPerMinute === null ? null : requestsOf(use).length,
  });
  /** Times of the requests of the last minute, oldest first. */
  const requestsOf = ({ requests }: Use): number[] => {
    const earliest = now() - MINUTE_MS;
    const first = requests.findIndex((at) => at > earliest);
    requests.splice(0, first === -1 ? requests.length : first);
    return requests;
  };
  const useOf = ({ use, key }: Known): Use => {
    const day = dayOf(now());
    if (use.day !== day) {
      store([key.id], [use]);
      Object.assign(use, { day, tokens: 0, unstored: 0 });
    }
    return use;
  };

  function store(ids: readonly string[], uses: readonly Use[]): void {
    const touched = uses.flatMap((use, index): KeyUse[] =>
      use.isTouched && use.lastUsedAt !== null
        ? [{ keyId: ids[index] ?? '', day: use.day, tokens: use.unstored, lastUsedAt: use.lastUsedAt }]
        : [],
    );
    if (touched.length === 0) return;
    try {
      records.addUse(touched);
      for (const use of uses) Object.assign(use, { unstored: 0, isTouched: false });
    } catch (error) {
      // It is tried again with the next ones.
      log(`The use of keys was not stored: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return {
    list: () => all().map(shown),
    hasNews() {
      const before = told;
      told = byHash.size === 0 ? '' : JSON.stringify(all().map(shown));
      return told !== before;
    },
    areNeeded: () => byHash.size > 0 || given !== null,
    hasOtherThan: (id) => given !== null || all().some(({ key }) => key.id !== id),
    find(secret) {
      const hash = hashOf(secret);
      if (given?.hash === hash) return given.caller;
      const known = byHash.get(hash);
      return known ? { id: known.key.id, rights: known.key.rights, revoked: known.revoked.signal } : null;
    },
    admit(caller) {
      const known = byId(caller.id);
      if (!known) return;
      const use = useOf(known);
      const at = now();
      const { requestsPerMinute, tokensPerDay } = known.key.rights;
      const requests = requestsOf(use);
      const [oldest] = requests;
      if (requestsPerMinute !== null && oldest !== undefined && requests.length >= requestsPerMinute)
        throw new AppError('busy', `This key may make ${requestsPerMinute} requests a minute.`, {
          ...{ reason: 'rate_limit', limit: requestsPerMinute, retryAfterMs: Math.max(1, oldest + MINUTE_MS - at) },
        });
      if (tokensPerDay !== null && use.tokens >= tokensPerDay)
        throw new AppError('busy', `This key has used its ${tokensPerDay} tokens of today (UTC).`, {
          ...{ reason: 'token_limit', limit: tokensPerDay, retryAfterMs: DAY_MS - (at % DAY_MS) },
        });
      if (requestsPerMinute !== null) requests.push(at);
      use.lastUsedAt = at;
      use.isTouched = true;
    },
    countTokens(caller, tokens) {
      const known = byId(caller.id);
      if (!known) return;
      const use = useOf(known);
      use.tokens += tokens;
      use.unstored += tokens;
      use.isTouched = true;
    },
    create(rights) {
      const secret = `${SECRET_PREFIX}${randomBytes(32).toString('base64url')}`;
      const key: StoredKey = {
        ...{ id: randomUUID(), hash: hashOf(secret), beginning: secret.slice(0, SHOWN), rights },
        ...{ createdAt: now(), lastUsedAt: null },
      };
      records.add(key);
      know(key);
      onChange();
      return { key: shown(existing(key.id)), secret };
    },
    update(id, rights) {
      const known = existing(id);
      records.update(id, rights);
      known.key = { ...known.key, rights };
      onChange();
    },
    revoke(id) {
      const { key, revoked } = existing(id);
      byHash.delete(key.hash);
      revoked.abort();
      onChange();
      removals.remove(id);
    },
    setGiven(secret) {
      given?.revoked.abort();
      const revoked = new AbortController();
      given =
        secret === null
          ? null
          : { hash: hashOf(secret), revoked, caller: { id: null, rights: everything, revoked: revoked.signal } };
    },
    flush() {
      removals.retry();
      const known = all();
      store(
        known.map(({ key }) => key.id),
        known.map(({ use }) => use),
      );
    },
  };
}

/** Removes revoked keys from the records, later where the disk takes nothing now. */
function createRemovals(records: Pick<KeyRecords, 'remove'>): { remove(id: string): void; retry(): void } {
  const left = new Set<string>();
  return {
    remove(id) {
      try {
        records.remove(id);
      } catch (error) {
        left.add(id);
        const { code, message, data } = encodeError(error);
        throw new AppError(
          code,
          `The key opens nothing any more, but this could not be stored: it would be back after a restart. ${message}`,
          { ...data, reason: 'key_revoked' },
        );
      }
    },
    retry() {
      for (const id of left)
        try {
          records.remove(id);
          left.delete(id);
        } catch {
          // It stays for the next time. The revocation has said so.
        }
    },
  };
}

/** The rights of the key that was given at the start. */
const everything: KeyRights = {
  name: '--key',
  ...{ models: null, endpoints: null, requestsPerMinute: null, tokensPerDay: null },
};
