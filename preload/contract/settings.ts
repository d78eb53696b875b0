/** What the user chooses. Secrets are written and never read back. */
import { z } from 'zod';
import { samplingSchema, type Sampling } from './chat.ts';
import { call, stream } from './rpc.ts';

export const themeSchema = z.enum(['system', 'light', 'dark']);
export type Theme = z.infer<typeof themeSchema>;

/** A place for the cache. Chosen by id, because the web shell must not name paths. */
export interface CacheFolderChoice {
  readonly id: string;
  readonly label: string;
  readonly path: string;
  readonly freeBytes: number | null;
}

export interface Settings {
  readonly revision: number;
  readonly theme: Theme;
  readonly sampling: Sampling;
  readonly cacheFolder: {
    readonly current: CacheFolderChoice;
    readonly choices: readonly CacheFolderChoice[];
    /** The environment variable that fixes the folder; null when the setting decides. */
    readonly fixedBy: string | null;
    /** Whether the shell has a folder dialog. */
    readonly canPick: boolean;
  };
  /** Where the Hub token comes from. The token itself never leaves main. */
  readonly hubToken: { readonly source: 'none' | 'settings' | 'environment' | 'file' };
}

export const settingsRoutes = {
  'settings.watch': stream(z.strictObject({})).emits<Settings>(),
  'settings.update': call(
    z.strictObject({ theme: themeSchema.optional(), sampling: samplingSchema.optional() }),
  ).returns<Settings>(),
  /** Takes one of `choices`. Models in the old folder stay where they are. Throws not_found, disk.denied, unsupported (fixed by the environment). */
  'settings.setCacheFolder': call(
    z.strictObject({ choiceId: z.string().regex(/^[a-z0-9-]{1,64}$/) }),
  ).returns<Settings>(),
  /** Opens the shell's folder dialog. Null when it was closed. Throws unsupported where the shell has none. */
  'settings.pickCacheFolder': call(z.strictObject({})).returns<Settings | null>(),
  /** Null forgets the token. Throws invalid_input for anything that cannot be a token. */
  'settings.setHubToken': call(
    z.strictObject({
      token: z
        .string()
        .regex(/^[\x21-\x7e]{8,512}$/, 'expected a token such as hf_…')
        .nullable(),
    }),
  ).returns<Settings>(),
};
