/** Programs whose settings Hearth can write, so that they use its server: found, shown as a change, and written after a yes to it. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../preload/wire/errors.ts';
import { editorIds, type EditorId } from '../../../preload/contract/editor-ids.ts';
import type { Editor, EditorChange } from '../../../preload/contract/server.ts';
import { isThere } from '../../base/disk.ts';
import { claudeCode } from './claude-code.ts';
import { codex } from './codex.ts';
import { continueDev } from './continue.ts';
import { nestedTooDeeply, type EditorPlaces, type EditorProgram, type EditorServer } from './program.ts';
import { readSettings, writeSettings } from './settings-file.ts';
import { shownSettings } from './shown-settings.ts';
import { zed } from './zed.ts';

/** Null for programs that keep their settings where no other program writes: Cline in the editor's store, Open WebUI in its database. */
const programs: Readonly<Record<EditorId, EditorProgram | null>> = {
  'claude-code': claudeCode,
  codex,
  zed,
  continue: continueDev,
  cline: null,
  'open-webui': null,
};

export type { EditorPlaces };

export interface EditorsOptions {
  readonly places: EditorPlaces;
  /** The address for programs on this computer, `http://127.0.0.1:11535`. Also while the server is off. */
  readonly origin: () => string;
  /** The context size with which a model is loaded, or can be; null where nobody knows. */
  readonly contextSize: (model: string) => Promise<number | null>;
  /** Whether the server lets in who shows this secret. */
  readonly isKey: (secret: string) => boolean;
}

export interface Editors {
  list(): Promise<readonly Editor[]>;
  /** What `change` would write into an empty file, with `placeholder` for the secret; null for a program without a file. */
  settings(wanted: {
    readonly editor: EditorId;
    readonly model: string;
    readonly placeholder: string | null;
  }): Promise<{ readonly text: string | null }>;
  /** Throws unsupported for a program without a file, invalid_input for settings that cannot be read or a secret of no key, disk.*. */
  change(wanted: {
    readonly editor: EditorId;
    readonly model: string;
    readonly secret: string | null;
  }): Promise<EditorChange>;
  /** Writes a change that was shown. Throws not_found for one that was not, busy when the file is another one now, disk.*. */
  connect(token: string): Promise<{ readonly file: string; readonly copy: string | null }>;
}

interface Shown {
  readonly token: string;
  readonly file: string;
  readonly before: string | null;
  readonly after: string;
}

/** The programs of one user. Changes that were shown are kept, one for each program, until they are written or Hearth ends. */
export function createEditors({ places, origin, contextSize, isKey }: EditorsOptions): Editors {
  const shown = new Map<EditorId, Shown>();
  const named = (file: string): string => {
    const inside = path.relative(places.home, file);
    return inside.startsWith('..') || path.isAbsolute(inside) ? file : `~${path.sep}${inside}`;
  };
  const serverFor = async (model: string, secret: string | null): Promise<EditorServer> => ({
    ...{ origin: origin(), model, secret },
    contextSize: await contextSize(model),
  });
  return {
    list: async () => await Promise.all(editorIds.map(async (id) => await describe(id, places, origin(), named))),
    async settings({ editor, model, placeholder }) {
      const text = await programs[editor]?.connected(null, await serverFor(model, placeholder));
      return { text: text ?? null };
    },
    async change({ editor, model, secret }) {
      const program = programs[editor];
      if (program === null)
        throw new AppError('unsupported', 'This program keeps no settings that Hearth may write.', {
          reason: 'no_settings_file',
        });
      if (secret !== null && !isKey(secret))
        throw new AppError('invalid_input', 'No key has this secret.', { field: 'secret', reason: 'unknown_key' });
      const file = program.file(places);
      const before = await readSettings(file);
      if (before === null && program.olderFile && (await isThere(program.olderFile(places))))
        throw new AppError('invalid_input', `${named(file)} would hide the older settings beside it.`, {
          reason: 'older_settings',
          older: path.basename(program.olderFile(places)),
        });
      const server = await serverFor(model, secret);
      const after = await program.connected(before, server).catch((error: unknown) => {
        // Deeper than a parser, or what compares and writes, can follow.
        throw error instanceof RangeError ? nestedTooDeeply() : error;
      });
      const token = createHash('sha256')
        .update(JSON.stringify([file, before, after]))
        .digest('hex');
      shown.set(editor, { token, file, before, after });
      return {
        file: named(file),
        before: before === null ? null : shownSettings(before, secret),
        after: shownSettings(after, secret),
        token,
      };
    },
    async connect(token) {
      const [editor, change] = [...shown].find(([, one]) => one.token === token) ?? [];
      if (editor === undefined || change === undefined)
        throw new AppError('not_found', 'That change is not shown any more. Look at the difference again.');
      const copy = await writeSettings(change.file, change.before, change.after);
      shown.delete(editor);
      return { file: named(change.file), copy: copy === null ? null : named(copy) };
    },
  };
}

/** What is known of a program. A file that cannot be read names no server. */
async function describe(
  id: EditorId,
  places: EditorPlaces,
  origin: string,
  named: (file: string) => string,
): Promise<Editor> {
  const program = programs[id];
  if (program === null) return { id, file: null, isInstalled: false, isConnected: false };
  const file = program.file(places);
  const folder = await stat(path.dirname(file)).catch(() => null);
  const text = await readSettings(file).catch(() => null);
  const addresses = text === null ? [] : await program.addresses(text);
  return {
    id,
    file: named(file),
    isInstalled: folder?.isDirectory() === true,
    isConnected: addresses.some((address) => URL.canParse(address) && sameOrigin(address, origin)),
  };
}

/** People write localhost where Hearth writes 127.0.0.1. */
const sameOrigin = (a: string, b: string): boolean => plainOrigin(a) === plainOrigin(b);
const plainOrigin = (address: string): string => new URL(address).origin.replace('//localhost', '//127.0.0.1');
