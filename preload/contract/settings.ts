/** The settings. Secrets are written and never read back. */
import { z } from 'zod';
import { samplingSchema, type Sampling } from './chat.ts';
import { hubTokenSchema } from './hub.ts';
import { call, stream } from '../wire/rpc.ts';

export const themeSchema = z.enum(['system', 'light', 'dark']);
export type Theme = z.infer<typeof themeSchema>;

/** `system` follows the languages of the window. The pseudo-languages show text that bypasses the words, and what breaks right to left. */
const languageSchema = z.enum(['system', 'en', 'de', 'pseudo', 'pseudo-rtl']);
export type LanguageChoice = z.infer<typeof languageSchema>;

/** How the window looks beside its theme. */
export const appearanceSchema = z.strictObject({
  language: languageSchema,
  /** `system` follows the system's wish for more contrast. */
  contrast: z.enum(['system', 'more']),
  interfaceSize: z.enum(['small', 'normal', 'large', 'larger']),
  conversationSize: z.enum(['small', 'normal', 'large', 'larger']),
  density: z.enum(['comfortable', 'compact']),
});
export type Appearance = z.infer<typeof appearanceSchema>;

const commandIdSchema = z.string().regex(/^[a-zA-Z]{1,30}(\.[a-zA-Z]{1,30}){1,2}$/);
/** A key with what is held, such as `Mod+Shift+K`, `F2` or `?`. */
const shortcutSchema = z.string().regex(/^(Mod\+)?(Alt\+)?(Shift\+)?([^\s\p{C}]|[A-Z][a-zA-Z0-9]{1,19})$/u);
/** More keys than a command can use. */
const MAX_KEYS_OF_COMMAND = 4;
/** Commands with keys of their own, at most; the window has fewer commands. */
export const MAX_CHOSEN_KEYS = 300;

/** The keys that the user chose, by command. An empty list is a command without a key. */
export const chosenKeysSchema = z.record(commandIdSchema, z.array(shortcutSchema).max(MAX_KEYS_OF_COMMAND));
export type ChosenKeys = Readonly<z.infer<typeof chosenKeysSchema>>;

/** A place for the cache. Chosen by id, because the web shell must not name paths. */
export type CacheFolderChoice = {
  readonly id: string;
  readonly path: string;
  readonly freeBytes: number | null;
} & CacheFolderKind;

/** The kind of a cache folder: that of the Hugging Face tools, Hearth's own, a chosen one, or one that a variable fixes. */
export type CacheFolderKind =
  { readonly kind: 'hugging_face' | 'hearth' | 'picked' } | { readonly kind: 'environment'; readonly variable: string };

/** A further folder of models. */
export interface ModelFolder {
  readonly id: string;
  /** The last name of the path. */
  readonly name: string;
  readonly path: string;
  readonly freeBytes: number | null;
}

/** Facts about the certificates in use, in place of their text. */
export interface ShownCertificates {
  readonly count: number;
  /** Their names, when they are few and have any. */
  readonly names: readonly string[];
}

/** A folder of this computer, for a page whose shell has no folder dialog. */
export interface FolderListing {
  readonly id: string;
  readonly path: string;
  /** Null at the top. */
  readonly parentId: string | null;
  /** The folders that are not hidden, sorted by name; at most 2,000. */
  readonly folders: readonly { readonly id: string; readonly name: string }[];
  /** Number of GGUF files directly in the folder. */
  readonly modelFileCount: number;
}

const folderIdSchema = z.string().regex(/^[a-z0-9-]{1,64}$/);

export const networkSettingsSchema = z.strictObject({
  /** Another address of the Hub; null is huggingface.co. */
  hubEndpoint: z
    .url({ protocol: /^https?$/ })
    .max(300)
    .nullable(),
  /** `http://[user:password@]host:port`; null is none. HTTPS_PROXY and HTTP_PROXY override it, and NO_PROXY lists exceptions. */
  proxy: z
    .url({ protocol: /^https?$/ })
    .max(300)
    .nullable(),
  /** PEM text of further certificate authorities; null uses the system's. */
  certificates: z.string().max(200_000).nullable(),
});
export type NetworkSettings = z.infer<typeof networkSettingsSchema>;

export const downloadSettingsSchema = z.strictObject({
  maxRunning: z.int().min(1).max(8),
  bytesPerSecond: z.int().min(10_000).max(10_000_000_000).nullable(),
  /** The size of the cache above which the least recently used models are evicted; null is no limit. */
  cacheLimitBytes: z.int().min(100_000_000).nullable(),
});
export type DownloadSettings = z.infer<typeof downloadSettingsSchema>;

export const engineSettingsSchema = z.strictObject({
  /** RAM limit for all loaded models together; null lets Hearth decide by the free memory. */
  memoryBudgetBytes: z.int().min(100_000_000).nullable(),
  /** Idle minutes after which a model is unloaded; null never. */
  idleUnloadMinutes: z.int().min(1).max(10_080).nullable(),
  /** Loaded at the start, in this order, while they fit. Empty: the built-in model. */
  preload: z.array(z.string().max(600)).max(8),
  /** Limit for the states of chats on disk; with 0 none are kept. */
  stateDiskBytes: z.int().min(0).max(1_000_000_000_000),
});
export type EngineSettings = z.infer<typeof engineSettingsSchema>;

/** Who writes the titles of chats. */
export const chatTitlesSchema = z.enum(['model', 'words']);
export type ChatTitles = z.infer<typeof chatTitlesSchema>;

export interface Settings {
  readonly revision: number;
  readonly theme: Theme;
  readonly appearance: Appearance;
  /** Shows logs, raw requests, probabilities and every sampler. */
  readonly developerMode: boolean;
  readonly chosenKeys: ChosenKeys;
  readonly sampling: Sampling;
  readonly chatTitles: ChatTitles;
  readonly cacheFolder: {
    readonly current: CacheFolderChoice;
    readonly choices: readonly CacheFolderChoice[];
    /** The environment variable that fixes the folder; null when the setting decides. */
    readonly fixedBy: string | null;
    /** Whether the shell has a folder dialog. */
    readonly canPick: boolean;
  };
  /** Further folders whose models are used in place. Never written to. */
  readonly modelFolders: readonly ModelFolder[];
  readonly network: Omit<NetworkSettings, 'certificates'> & {
    readonly certificates: ShownCertificates | null;
    /** The environment variables that fix a value, by setting. */
    readonly fixedBy: Readonly<Partial<Record<keyof NetworkSettings, string>>>;
  };
  readonly downloads: DownloadSettings;
  readonly engine: EngineSettings;
  /** Where the Hub token comes from. The token itself never leaves main. */
  readonly hubToken: { readonly source: 'none' | 'settings' | 'environment' | 'file' };
}

export const settingsRoutes = {
  'settings.watch': stream(z.strictObject({})).emits<Settings>(),
  'settings.update': call(
    z.strictObject({
      theme: themeSchema.optional(),
      appearance: appearanceSchema.partial().optional(),
      developerMode: z.boolean().optional(),
      /** Over the keys so far; null gives a command its own keys back. */
      chosenKeys: z
        .record(commandIdSchema, z.array(shortcutSchema).max(MAX_KEYS_OF_COMMAND).nullable())
        .refine((keys) => Object.keys(keys).length <= MAX_CHOSEN_KEYS)
        .optional(),
      sampling: samplingSchema.optional(),
      chatTitles: chatTitlesSchema.optional(),
      network: networkSettingsSchema.partial().optional(),
      downloads: downloadSettingsSchema.partial().optional(),
      engine: engineSettingsSchema.partial().optional(),
    }),
  ).returns<Settings>(),
  /** Opens the shell's folder dialog and adds a folder of models. Null when it was closed. Throws unsupported where the shell has none. */
  'settings.pickModelFolder': call(z.strictObject({})).returns<Settings | null>(),
  /** Lists a folder that was shown before; null: the home folder. Throws not_found, invalid_input for an unreadable folder, unsupported in a shell with a dialog. */
  'settings.listFolders': call(z.strictObject({ folderId: folderIdSchema.nullable() })).returns<FolderListing>(),
  /** Adds a folder that was shown. Throws as `settings.listFolders`, and invalid_input for the cache folder. */
  'settings.addModelFolder': call(z.strictObject({ folderId: folderIdSchema })).returns<Settings>(),
  /** Removes a folder of models from the list; its files stay. */
  'settings.removeModelFolder': call(z.strictObject({ folderId: folderIdSchema })).returns<Settings>(),
  /** Sets the cache folder to one of `choices`. Models in the old folder stay there. Throws not_found, disk.denied, unsupported (fixed by the environment). */
  'settings.setCacheFolder': call(z.strictObject({ choiceId: folderIdSchema })).returns<Settings>(),
  /** Opens the shell's folder dialog. Null when it was closed. Throws unsupported where the shell has none. */
  'settings.pickCacheFolder': call(z.strictObject({})).returns<Settings | null>(),
  /** Stores the Hub token; null deletes it. Throws invalid_input for anything that cannot be a token. */
  'settings.setHubToken': call(
    z.strictObject({
      token: hubTokenSchema.nullable(),
    }),
  ).returns<Settings>(),
};
