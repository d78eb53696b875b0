/** The machine and the app itself. */
import type { ErrorBody } from '../wire/errors.ts';
import { z } from 'zod';
import { call, stream } from '../wire/rpc.ts';

/** An environment variable with a value that Hearth could not use. */
export type StartWarning =
  | { readonly code: 'unknown_variable'; readonly variable: string; readonly known: readonly string[] }
  /** The value is neither 1 nor 0, and counts as 0. */
  | { readonly code: 'not_a_switch'; readonly variable: string; readonly value: string }
  /** The value is not a log level; `info` is used. */
  | {
      readonly code: 'unknown_log_level';
      readonly variable: string;
      readonly value: string;
      readonly known: readonly string[];
    }
  /** The value is no time and is ignored. */
  | { readonly code: 'not_seconds'; readonly variable: string; readonly value: string }
  | { readonly code: 'not_a_port'; readonly variable: string; readonly value: string }
  /** The variable is ignored. */
  | { readonly code: 'not_a_web_address' | 'unreadable_file'; readonly variable: string };

export interface SystemInfo {
  readonly version: string;
  readonly platform: string;
  readonly architecture: string;
  readonly cpuModel: string;
  readonly physicalCores: number;
  readonly shell: 'electron' | 'http';
  readonly nodeVersion: string;
  readonly dataFolder: string;
  readonly hubEndpoint: string;
  readonly offline: boolean;
  /** True when the cache is a temporary folder that is deleted when the app ends. */
  readonly temporaryCache: boolean;
  /** The id of the model that ships with the app. */
  readonly builtInModelId: string;
  /** Its short name, for programs and in the terminal. */
  readonly builtInModelName: string;
  /** Shown once at the top of the window, such as unknown HEARTH_* variables. */
  readonly warnings: readonly StartWarning[];
}

/** Bytes. */
export interface Memory {
  readonly ramTotalBytes: number;
  readonly ramFreeBytes: number;
  /** Resident memory of the engine's processes. */
  readonly ramModelsBytes: number;
  /** Free bytes on the disk of the cache; null when the system does not tell. */
  readonly diskFreeBytes: number | null;
}

/** What the system said when a file was to be deleted. */
export type NotDeletedReason =
  /** Another program has a file of it open. */
  | 'open_elsewhere'
  /** The system does not let Hearth delete there. */
  | 'denied'
  | 'read_only_disk'
  | 'disk_error'
  /** Something else, which `message` says in English. */
  | 'other';

/** Why a deletion failed after its undo time: an error of Hearth's own, such as a model in use, or the system's. */
export type NotDeleted =
  { readonly error: ErrorBody } | { readonly reason: NotDeletedReason; readonly message: string };

/** How many were saved of a damaged database. `lost` is null where it does not tell how many there were. */
export interface SavedCount {
  readonly saved: number;
  readonly lost: number | null;
}

/** What is said in an event that no call waits for. */
export type NoticeFacts =
  /** A deletion failed after its undo time, and `name` is in the list again. */
  | (NotDeleted & { readonly code: 'not_deleted'; readonly name: string })
  /** The database was damaged. A copy of what could be read is in use; the damaged file is `keptAs` in the data folder. */
  | {
      readonly code: 'store_salvaged';
      readonly keptAs: string;
      readonly chats: SavedCount;
      readonly messages: SavedCount;
      /** The texts and files of the messages. */
      readonly parts: SavedCount;
    }
  /** A deleted chat could not be removed from the disk. It stays hidden, and the next start tries again. */
  | { readonly code: 'chat_not_purged'; readonly error: ErrorBody }
  /** A defect of Hearth that nothing handled. The log file has it. */
  | { readonly code: 'unexpected_error'; readonly logFile: string };

/** An event that no call waits for. */
export type Notice = NoticeFacts & { readonly id: string };

/** The notices of the last minute, and those that count for the whole run, oldest first. */
export interface NoticesEvent {
  readonly notices: readonly Notice[];
}

/** The end of the log file. It contains no contents of chats and no secrets. */
export interface LogTail {
  readonly file: string;
  /** Newest last. */
  readonly lines: readonly string[];
}

const storedPlaceSchema = z.enum(['data', 'database', 'files', 'states', 'backups', 'logs']);
export type StoredPlaceName = z.infer<typeof storedPlaceSchema>;

/** Something that Hearth keeps on this computer. */
export interface StoredPlace {
  readonly name: StoredPlaceName;
  readonly path: string;
  /** Null where it is not measured. */
  readonly bytes: number | null;
}

export const systemRoutes = {
  'system.info': call(z.strictObject({})).returns<SystemInfo>(),
  /** Once a second. */
  'system.watchMemory': stream(z.strictObject({})).emits<Memory>(),
  /** Up to 500 lines. */
  'system.log': call(z.strictObject({})).returns<LogTail>(),
  /** Shows the log file in the system's file manager. Throws `unsupported` in a browser. */
  'system.openLog': call(z.strictObject({})).returns<null>(),
  /** What Hearth keeps on this computer beside models. Places that do not exist yet are left out. */
  'system.stored': call(z.strictObject({})).returns<{ readonly places: readonly StoredPlace[] }>(),
  /** Shows one of those places in the system's file manager. Throws `unsupported` in a browser. */
  'system.openStored': call(z.strictObject({ name: storedPlaceSchema })).returns<null>(),
  /** The notices, for every screen; the whole list again after each new one. */
  'system.watchNotices': stream(z.strictObject({})).emits<NoticesEvent>(),
};
