/** The stored settings. They are read and checked once and kept in memory, because a download asks for its limit with every chunk. */
import path from 'node:path';
import { z } from 'zod';
import { samplingSchema, type Sampling } from '../../preload/contract/chat.ts';
import { defaultSampling } from '../../preload/contract/defaults.ts';
import {
  appearanceSchema,
  chosenKeysSchema,
  chatTitlesSchema,
  downloadSettingsSchema,
  engineSettingsSchema,
  networkSettingsSchema,
  themeSchema,
  type Appearance,
  type ChosenKeys,
  type ChatTitles,
  type DownloadSettings,
  type EngineSettings,
  type NetworkSettings,
  type Theme,
} from '../../preload/contract/settings.ts';
import { readSetting, writeSettings } from '../store/settings.ts';
import type { Store } from '../store/store.ts';

export interface StoredValues {
  readonly sampling: Sampling;
  readonly theme: Theme;
  readonly appearance: Appearance;
  readonly developerMode: boolean;
  readonly chosenKeys: ChosenKeys;
  readonly chatTitles: ChatTitles;
  /** The chosen cache folder; null for the default one. */
  readonly cacheFolder: string | null;
  readonly network: NetworkSettings;
  readonly downloads: DownloadSettings;
  readonly engine: EngineSettings;
  /** Absolute paths of the further folders of models. */
  readonly modelFolders: readonly string[];
}

export interface StoredSettings {
  /** The value under a key. One that no longer fits its schema counts as not set. */
  get<Key extends keyof StoredValues>(key: Key): StoredValues[Key];
  /** Stores values, all or none. @throws AppError `disk.full`. */
  write(values: Partial<StoredValues>): void;
}

const defaultAppearance: Appearance = {
  language: 'system',
  contrast: 'system',
  interfaceSize: 'normal',
  conversationSize: 'normal',
  density: 'comfortable',
};
const noNetworkSettings: NetworkSettings = { hubEndpoint: null, proxy: null, certificates: null };
export const defaultDownloads: DownloadSettings = { maxRunning: 2, bytesPerSecond: null, cacheLimitBytes: null };
const defaultEngine: EngineSettings = {
  memoryBudgetBytes: null,
  idleUnloadMinutes: null,
  preload: [],
  stateDiskBytes: 2_000_000_000,
};

const absolutePath = z.string().refine((folder) => path.isAbsolute(folder));

/** Functions that read each value from its stored form, which may be anything. */
const readers: { readonly [Key in keyof StoredValues]: (stored: unknown) => StoredValues[Key] } = {
  sampling: (stored) => samplingSchema.safeParse(stored).data ?? defaultSampling,
  theme: (stored) => themeSchema.safeParse(stored).data ?? 'system',
  appearance: (stored) => overDefaults(stored, appearanceSchema.shape, defaultAppearance),
  developerMode: (stored) => stored === true,
  chosenKeys: (stored) => chosenKeysSchema.safeParse(stored).data ?? {},
  chatTitles: (stored) => chatTitlesSchema.safeParse(stored).data ?? 'model',
  cacheFolder: (stored) => absolutePath.safeParse(stored).data ?? null,
  network: (stored) => overDefaults(stored, networkSettingsSchema.shape, noNetworkSettings),
  downloads: (stored) => overDefaults(stored, downloadSettingsSchema.shape, defaultDownloads),
  engine: (stored) => overDefaults(stored, engineSettingsSchema.shape, defaultEngine),
  modelFolders: (stored) => z.array(absolutePath).safeParse(stored).data ?? [],
};

/** Stored values over the defaults, field by field. An invalid field gets its default and does not affect the others. */
function overDefaults<T extends object>(stored: unknown, shape: Readonly<Record<string, z.ZodType>>, defaults: T): T {
  if (typeof stored !== 'object' || stored === null) return defaults;
  const good = Object.entries(stored).filter(([name, field]) => shape[name]?.safeParse(field).success === true);
  return { ...defaults, ...Object.fromEntries(good) };
}

export function createStoredSettings(store: Store): StoredSettings {
  const read: Partial<StoredValues> = {};

  function get<Key extends keyof StoredValues>(key: Key): StoredValues[Key] {
    const known = read[key];
    if (known !== undefined) return known;
    const value = readers[key](readSetting(store, key));
    read[key] = value;
    return value;
  }

  return {
    get,
    write(values) {
      writeSettings(store, values);
      for (const key of Object.keys(values) as (keyof StoredValues)[]) delete read[key];
    },
  };
}
