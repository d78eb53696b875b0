/** config.json of a checkpoint. Any value may be wrong, so each is read through a type and bounds. */
import type { AppError } from '../../../preload/wire/errors.ts';
import { shownName } from '../../base/foreign-text.ts';
import { invalidCheckpoint, unsupportedCheckpoint } from '../../model-file/checkpoint-error.ts';

/** Reads values by name. Of several names the first with a value counts; `null` is no value, but for a flag, where it is false. */
export interface Config {
  has(...keys: readonly string[]): boolean;
  /** True where the key is there with `null`, by which some features are switched off. */
  isNull(key: string): boolean;
  /** A whole number from `min` (1) to `max`. */
  count(keys: Keys, bounds: Bounds): number;
  /** A finite number. */
  number(keys: Keys, fallback?: number): number;
  flag(keys: Keys, fallback?: boolean): boolean;
  text(keys: Keys, fallback?: string): string;
  numbers(keys: Keys, maxLength: number): readonly number[];
  texts(keys: Keys, maxLength: number): readonly string[];
  /** The object under a key; null without one. */
  group(key: string): Config | null;
  /** A reader without any value, in place of a group that is not there. */
  readonly empty: Config;
}

export type Keys = string | readonly string[];

export interface Bounds {
  readonly min?: number;
  readonly max: number;
  readonly fallback?: number;
}

/**
 * The largest sizes that are read. Layers and experts are llama.cpp's own limits (LLAMA_MAX_LAYERS, LLAMA_MAX_EXPERTS); the others are
 * some ten times what published models have.
 */
export const limits = {
  layers: 512,
  experts: 512,
  heads: 4096,
  headSize: 65_536,
  hidden: 1_048_576,
  feedForward: 8_388_608,
  vocabulary: 8_388_608,
  positions: 0x7f_ff_ff_ff,
} as const;

/** A reader over parsed JSON. `path` stands before keys in messages. */
export function createConfig(values: Readonly<Record<string, unknown>>, path = ''): Config {
  const find = (keys: Keys): { readonly key: string; readonly value: unknown } | null => {
    for (const key of keyList(keys)) {
      const value = Object.hasOwn(values, key) ? values[key] : null;
      if (value !== null && value !== undefined) return { key: path + key, value };
    }
    return null;
  };
  const read = <T>(keys: Keys, fallback: T | undefined, what: string, accept: (value: unknown) => T | null): T => {
    const found = find(keys);
    if (found === null) {
      if (fallback !== undefined) return fallback;
      throw wrongValue(path + keyNames(keys), what, undefined);
    }
    const value = accept(found.value);
    if (value === null) throw wrongValue(found.key, what, found.value);
    return value;
  };
  const isNull = (key: string): boolean => Object.hasOwn(values, key) && values[key] === null;
  return {
    isNull,
    has: (...keys) => find(keys) !== null,
    count: (keys, { min = 1, max, fallback }) => {
      const what = `a whole number from ${min} to ${max}`;
      const count = read(keys, fallback, what, (value) =>
        typeof value === 'number' && Number.isInteger(value) ? value : null,
      );
      // The usual number can be too large beside other values.
      if (count >= min && count <= max) return count;
      throw wrongValue(find(keys)?.key ?? path + keyNames(keys), what, count);
    },
    number: (keys, fallback) =>
      read(keys, fallback, 'a number', (value) => (typeof value === 'number' && Number.isFinite(value) ? value : null)),
    flag: (keys, fallback) =>
      // Python takes None for false, whatever the default.
      read(keys, keyList(keys).some(isNull) ? false : fallback, 'true or false', (value) =>
        typeof value === 'boolean' ? value : null,
      ),
    text: (keys, fallback) =>
      read(keys, fallback, 'a short text', (value) =>
        typeof value === 'string' && value.length <= 1000 ? value : null,
      ),
    numbers: (keys, maxLength) =>
      read(keys, undefined, `at most ${maxLength} numbers`, (value) =>
        Array.isArray(value) && value.length <= maxLength && value.every((item) => Number.isFinite(item))
          ? (value as number[])
          : null,
      ),
    texts: (keys, maxLength) =>
      read(keys, undefined, `at most ${maxLength} texts`, (value) =>
        Array.isArray(value) && value.length <= maxLength && value.every((item) => typeof item === 'string')
          ? (value as string[])
          : null,
      ),
    group: (key) => {
      const found = find(key);
      if (found === null) return null;
      if (!isRecord(found.value)) throw wrongValue(found.key, 'an object', found.value);
      return createConfig(found.value, `${found.key}.`);
    },
    get empty() {
      return createConfig({}, path);
    },
  };
}

export const keyList = (keys: Keys): readonly string[] => (typeof keys === 'string' ? [keys] : keys);

const keyNames = (keys: Keys): string => keyList(keys).join(' | ');

/** A config.json whose value makes no sense. */
export function wrongValue(key: string, expected: string, found: unknown): AppError {
  const shown = shownName(found === undefined ? 'nothing' : (JSON.stringify(found) ?? 'nothing'));
  return invalidCheckpoint({
    ...{ reason: 'config', file: 'config.json', key, expected, found: shown },
    detail: `${key} in config.json is ${shown}; it has to be ${expected}.`,
  });
}

/** A config.json that asks for something that is not known here. `found` is what it asks for. */
export function unknownFeature(found: string, detail: string): AppError {
  return unsupportedCheckpoint({ reason: 'feature', file: 'config.json', found, detail });
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
