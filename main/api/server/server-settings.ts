/** The server's settings in the database. */
import { DEFAULT_API_PORT } from '../../../preload/contract/api-port.ts';
import { serverSettingsSchema, type ServerSettings } from '../../../preload/contract/server.ts';
import { readSetting, writeSettings } from '../../store/settings.ts';
import type { Store } from '../../store/store.ts';

const defaultServerSettings: ServerSettings = {
  startWithApp: false,
  port: DEFAULT_API_PORT,
  interface: '127.0.0.1',
  hostNames: [],
  origins: [],
  slots: 4,
  keepAliveMinutes: 5,
  logContents: false,
};

const KEY = 'server';

/** A stored value that no longer fits its schema counts as not set, field by field. */
export function createServerSettings(store: Store): {
  get(): ServerSettings;
  /** @throws AppError `disk.full`. */
  set(settings: ServerSettings): void;
} {
  const stored = readSetting(store, KEY);
  const fields = typeof stored === 'object' && stored !== null ? Object.entries(stored) : [];
  const shape: Readonly<Record<string, { safeParse(value: unknown): { success: boolean } }>> =
    serverSettingsSchema.shape;
  const good = fields.filter(([name, value]) => shape[name]?.safeParse(value).success === true);
  let settings: ServerSettings = { ...defaultServerSettings, ...Object.fromEntries(good) };
  return {
    get: () => settings,
    set(next) {
      writeSettings(store, { [KEY]: next });
      settings = next;
    },
  };
}
