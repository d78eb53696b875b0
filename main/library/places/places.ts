/**
 * Models of other programs and of folders that the user added. They are read in place and never written to.
 *
 *     LM Studio   ~/.lmstudio/models/PUBLISHER/REPO/FILE.gguf, before 0.3 ~/.cache/lm-studio/models; `downloadsFolder` of its
 *                 settings.json names another place, and ~/.lmstudio-home-pointer another home
 *     Ollama      see ollama.ts
 *     Jan         DATA/llamacpp/models/NAME/model.gguf beside a model.yml, DATA/models before; `data_folder` of its settings.json
 *                 names another DATA
 *     GPT4All     the GGUF files in its folder; `modelPath` of GPT4All.ini names another one
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { PlacedOrigin } from '../../../preload/contract/library.ts';
import type { CacheEntry } from '../models/model-files.ts';
import { listOllama } from './ollama.ts';
import type { Placed, Programs } from './placed.ts';
import { readRecord, readSmall } from '../small-files.ts';
import { identityOf, walk, type WalkLimits } from './walk.ts';

export interface PlacesOptions {
  readonly programs: Programs;
  /** Folders that the user added. */
  readonly folders: readonly string[];
  /** Imported files with their model ids. */
  readonly imported: readonly { readonly modelId: string; readonly path: string }[];
  /** Models that Hearth made. */
  readonly converted?: readonly Placed[];
  /** Folders that are listed elsewhere, such as the cache. */
  readonly except: readonly string[];
}

/** Also projectors and other auxiliary files, whose headers tell what they are. */
const isModel = (name: string): boolean => /\.gguf$/i.test(name);

/** Every model file outside the cache, each once. An id is stable while its file is not moved. Never throws. */
export async function listPlaces(options: PlacesOptions): Promise<CacheEntry[]> {
  const { programs, folders, imported } = options;
  const except = new Set<string>();
  for (const folder of options.except) {
    const info = await stat(folder).catch(() => null);
    if (info) except.add(identityOf(info, folder));
  }
  const lists = await Promise.all([
    listLmStudio(programs),
    listOllama(programs),
    listJan(programs),
    listGpt4All(programs),
    ...folders.map((folder) => listFolder(folder, except)),
    listImported(imported),
  ]);
  const seen = new Set<string>();
  const owners = new Map<string, string>();
  const entries: CacheEntry[] = [];
  for (const placed of [...lists.flat(), ...(options.converted ?? [])]) {
    // Two tags of Ollama for the same bytes are listed apart, because users know both. The same file in two places is listed once.
    const key = placed.origin === 'ollama' ? `${placed.inside} ${placed.identity}` : placed.identity;
    if (seen.has(key)) continue;
    seen.add(key).add(placed.identity);
    entries.push(entryOf(placed, owners));
  }
  return entries;
}

/** The entry with a valid id. When two files would have the same id, the later one's name gets a hash of its folder. */
function entryOf(placed: Placed, owners: Map<string, string>): CacheEntry {
  const segments = placed.inside.split('/').map(cleanSegment);
  const [first = '', ...rest] = segments.length > 1 ? segments : ['models', ...segments];
  const name = first.replaceAll(/[^\w.-]/g, '_').replace(/^\.+$/, '_') || '_';
  const path = rest.join('/');
  const plain = `${placed.owner}/${name}`;
  const folder = dirname(placed.path);
  const holder = owners.get(`${plain}/${path}`);
  const repoId = holder === undefined || holder === folder ? plain : `${plain}-${shortHash(folder)}`;
  owners.set(`${repoId}/${path}`, folder);
  const { origin, path: openPath, sizeBytes, modifiedAtMs, title } = placed;
  return { repoId, commit: '', path, openPath, sizeBytes, modifiedAtMs, origin, ...(title ? { title } : {}) };
}

/** A path segment with only the characters that an id may have. */
function cleanSegment(segment: string): string {
  const clean = segment
    .toWellFormed()
    .replaceAll(/[\u0000-\u001f\u007f\\/]/g, '_')
    .slice(0, 150);
  return clean === '' || clean === '.' || clean === '..' ? '_' : clean;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 6);
}

async function listLmStudio({ home }: Programs): Promise<Placed[]> {
  const pointed = (await readSmall(join(home, '.lmstudio-home-pointer')))?.trim();
  const homes = [pointed, join(home, '.lmstudio'), join(home, '.cache/lm-studio')].filter(
    (folder): folder is string => folder !== undefined && isAbsolute(folder),
  );
  const roots = new Set<string>();
  for (const folder of homes) {
    const settings = readRecord(await readSmall(join(folder, 'settings.json')));
    const chosen = settings['downloadsFolder'];
    if (typeof chosen === 'string' && isAbsolute(chosen)) roots.add(chosen);
    roots.add(join(folder, 'models'));
  }
  return await below([...roots], 'lm_studio', 'lm-studio');
}

async function listJan({ home, platform, env }: Programs): Promise<Placed[]> {
  const applications = {
    darwin: [join(home, 'Library/Application Support')],
    win32: [env['APPDATA'] ?? join(home, 'AppData/Roaming')],
    other: [env['XDG_DATA_HOME'] ?? join(home, '.local/share'), env['XDG_CONFIG_HOME'] ?? join(home, '.config')],
  }[platform === 'darwin' || platform === 'win32' ? platform : 'other'];
  const data = new Set([join(home, 'jan')]);
  for (const folder of applications) {
    data.add(join(folder, 'Jan/data'));
    const chosen = readRecord(await readSmall(join(folder, 'Jan/settings.json')))['data_folder'];
    if (typeof chosen === 'string' && isAbsolute(chosen)) data.add(chosen);
  }
  const lists = [...data].flatMap((root) => [
    listJanFolder(root, join(root, 'llamacpp/models')),
    listJanFolder(root, join(root, 'models')),
  ]);
  return (await Promise.all(lists)).flat();
}

async function listJanFolder(data: string, root: string): Promise<Placed[]> {
  const found = await walk(root, (name) => isModel(name) || name === 'model.yml');
  const placed: Placed[] = [];
  const titles = new Map<string, string>();
  for (const { path, inside } of found.filter((file) => basename(file.path) === 'model.yml')) {
    const text = (await readSmall(path)) ?? '';
    const value = (key: string): string | undefined =>
      new RegExp(`^${key}:[ \\t]*["']?([^"'\\r\\n]+)`, 'm').exec(text)?.[1]?.trim();
    titles.set(dirname(path), value('name') ?? (dirname(inside) === '.' ? 'model' : basename(dirname(inside))));
    const target = value('model_path');
    // A model that was added from another folder stays there; Jan's model.yml has its path.
    if (target === undefined || !isModel(target)) continue;
    const file = resolve(data, target);
    const info = await stat(file).catch(() => null);
    if (!info?.isFile() || found.some((one) => one.path === file)) continue;
    const facts = {
      path: file,
      sizeBytes: info.size,
      modifiedAtMs: info.mtimeMs,
      identity: identityOf(info, file),
    };
    const name = `${dirname(inside)}/${basename(file)}`;
    placed.push({ origin: 'jan', owner: 'jan', inside: name, title: titles.get(dirname(path)) ?? 'model', ...facts });
  }
  for (const { path, ...facts } of found) {
    if (!isModel(basename(path))) continue;
    // Every file is called model.gguf, so the folder's name is used.
    const { inside } = facts;
    const title = titles.get(dirname(path)) ?? (dirname(inside) === '.' ? undefined : basename(dirname(inside)));
    const named = basename(path).toLowerCase() === 'model.gguf' && title !== undefined ? { title } : {};
    placed.push({ origin: 'jan', owner: 'jan', path, ...facts, ...named });
  }
  return placed;
}

async function listGpt4All({ home, platform, env }: Programs): Promise<Placed[]> {
  const [own, settings] = {
    darwin: [join(home, 'Library/Application Support/nomic.ai/GPT4All'), join(home, '.config/nomic.ai/GPT4All.ini')],
    win32: [
      join(env['LOCALAPPDATA'] ?? join(home, 'AppData/Local'), 'nomic.ai/GPT4All'),
      join(env['APPDATA'] ?? join(home, 'AppData/Roaming'), 'nomic.ai/GPT4All.ini'),
    ],
    other: [
      join(env['XDG_DATA_HOME'] ?? join(home, '.local/share'), 'nomic.ai/GPT4All'),
      join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'nomic.ai/GPT4All.ini'),
    ],
  }[platform === 'darwin' || platform === 'win32' ? platform : 'other'];
  const chosen = /^modelPath=(.+)$/m.exec((await readSmall(settings ?? '')) ?? '')?.[1]?.trim();
  const roots = [own ?? '', join(home, '.cache/gpt4all'), ...(chosen && isAbsolute(chosen) ? [chosen] : [])];
  return await below(roots, 'gpt4all', 'gpt4all', { maxDepth: 2 });
}

/** The model files of a folder that the user added. The second segment of their ids is the folder's name with a hash of its path. */
async function listFolder(folder: string, except: ReadonlySet<string>): Promise<Placed[]> {
  const name = `${cleanSegment(basename(folder) || 'folder')}-${shortHash(resolve(folder)).slice(0, 4)}`;
  const placed = await below([folder], 'folder', 'folder', { except });
  return placed.map((one) => ({ ...one, inside: `${name}/${one.inside}` }));
}

async function below(
  roots: readonly string[],
  origin: PlacedOrigin,
  owner: string,
  limits: Partial<WalkLimits> = {},
): Promise<Placed[]> {
  const lists = roots.map((root) => walk(root, isModel, limits));
  return (await Promise.all(lists)).flat().map((file) => ({ origin, owner, ...file }));
}

async function listImported(imported: PlacesOptions['imported']): Promise<Placed[]> {
  const lists = imported.map(async ({ modelId, path }): Promise<Placed[]> => {
    const info = await stat(path).catch(() => null);
    const [owner = '', ...rest] = modelId.split('/');
    if (!info?.isFile()) return [];
    return [
      {
        origin: 'imported',
        owner,
        inside: rest.join('/'),
        path,
        sizeBytes: info.size,
        modifiedAtMs: info.mtimeMs,
        identity: identityOf(info, path),
      },
    ];
  });
  return (await Promise.all(lists)).flat();
}
