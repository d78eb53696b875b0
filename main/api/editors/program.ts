/** What a program whose settings Hearth can write has to say of itself. */
import path from 'node:path';
import { AppError } from '../../../preload/wire/errors.ts';

/** The facts by which the settings of other programs are found. */
export interface EditorPlaces {
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** Used: CLAUDE_CONFIG_DIR, CODEX_HOME, CONTINUE_GLOBAL_DIR, XDG_CONFIG_HOME, FLATPAK_XDG_CONFIG_HOME, APPDATA. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The server as a program's settings name it. */
export interface EditorServer {
  /** `http://127.0.0.1:11535`, without a path. */
  readonly origin: string;
  /** The id of a model, or a name that the user gave one. */
  readonly model: string;
  /** The secret of a key; null where the server needs none. */
  readonly secret: string | null;
  /** Tokens; null where nobody knows. */
  readonly contextSize: number | null;
}

/** A program with a settings file. `connected` is pure: it reads and writes text. */
export interface EditorProgram {
  /** An absolute path. */
  readonly file: (places: EditorPlaces) => string;
  /** Another file, whose presence beside a missing settings file keeps Hearth from making one. */
  readonly olderFile?: (places: EditorPlaces) => string;
  /** The settings with the server in them, and everything else as it was. @throws AppError `invalid_input` for damaged ones. */
  readonly connected: (text: string | null, server: EditorServer) => Promise<string>;
  /** The addresses of servers that the settings name. Never throws. */
  readonly addresses: (text: string) => Promise<readonly string[]>;
}

/** A folder that a variable of the environment names; null for none, and for one that depends on where a program was started. */
export const namedFolder = (folder: string | undefined): string | null =>
  folder !== undefined && path.isAbsolute(folder) ? folder : null;

/** The error for settings that are not what their program reads. The file is left alone. */
export function unreadableSettings(where: string): AppError {
  return new AppError('invalid_input', `The settings cannot be read (${where}). They were left as they are.`, {
    reason: 'unreadable_settings',
    where,
  });
}

/** Runs a parser. @throws AppError `invalid_input` for text that is nested deeper than it can follow. */
export function withinStack<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof RangeError ? nestedTooDeeply() : error;
  }
}

export const nestedTooDeeply = (): AppError => unreadableSettings('nested too deeply');
