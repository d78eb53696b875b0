/**
 * Lists Ollama's models in place: in OLLAMA_MODELS, else in ~/.ollama/models, and on Linux in the folder of its service.
 *
 *     manifests/HOST/NAMESPACE/NAME/TAG    JSON: a list of layers by digest; `library` is the namespace of its own models
 *     manifests-v2/…                       newer ones: the same, as links to blobs
 *     blobs/sha256-HEX                     the layers; those of type …image.model, …projector and …adapter are GGUF files, without an
 *                                          ending; a model of several shards has a layer for each
 */
import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Placed, Programs } from './placed.ts';
import { beginsAsGguf, readRecord, readSmall } from '../small-files.ts';
import { splitOf } from '../../model-file/split.ts';
import { readHeaderOfFile } from '../models/model-files.ts';
import { identityOf, walk } from './walk.ts';

const MAX_LAYERS = 1000;
const OWN_HOSTS = ['registry.ollama.ai', 'ollama.com'];

/** Every model whose manifest and file exist. Never throws. */
export async function listOllama({ home, platform, env }: Programs): Promise<Placed[]> {
  const chosen = env['OLLAMA_MODELS'];
  const roots = new Set([join(home, '.ollama/models')]);
  if (chosen !== undefined && isAbsolute(chosen)) roots.add(chosen);
  if (platform === 'linux') roots.add(env['OLLAMA_SERVICE_MODELS'] ?? '/usr/share/ollama/.ollama/models');
  const lists = [...roots].flatMap((root) =>
    ['manifests', 'manifests-v2', 'manifest-v2'].map((folder) => listManifests(root, folder)),
  );
  const found = new Map<string, Placed>();
  for (const placed of (await Promise.all(lists)).flat())
    if (!found.has(placed.inside)) found.set(placed.inside, placed);
  return [...found.values()];
}

async function listManifests(root: string, folder: string): Promise<Placed[]> {
  const placed: Placed[] = [];
  for (const { path, inside } of await walk(join(root, folder), (name) => !name.startsWith('.'), { maxDepth: 5 })) {
    const [host = '', namespace = '', ...rest] = inside.split('/');
    const tag = rest.pop();
    if (tag === undefined || rest.length === 0) continue;
    const layers = layersOf(await readSmall(path));
    const shortHost = OWN_HOSTS.includes(host) ? [] : [host];
    const name = [
      ...shortHost,
      ...(shortHost.length === 0 && namespace === 'library' ? [] : [namespace]),
      ...rest,
    ].join('/');
    for (const { digest, mark } of [
      ...numbered(await inOrder(root, layers.models)),
      ...layers.projectors.map((digest, index) => ({ digest, mark: `-mmproj${index === 0 ? '' : `-${index + 1}`}` })),
      ...layers.adapters.map((digest, index) => ({ digest, mark: `-adapter${index === 0 ? '' : `-${index + 1}`}` })),
    ]) {
      const file = blobOf(root, digest);
      const info = await stat(file).catch(() => null);
      // Newer models can be of other formats.
      if (!info?.isFile() || !(await beginsAsGguf(file))) continue;
      placed.push({
        origin: 'ollama',
        owner: 'ollama',
        inside: `${name}/${tag}${mark}.gguf`,
        path: file,
        sizeBytes: info.size,
        modifiedAtMs: info.mtimeMs,
        identity: identityOf(info, file),
        title: `${name}:${tag}${mark.replace(SHARD_MARK, '')}`,
      });
    }
  }
  return placed;
}

const SHARD_MARK = /-\d{5}-of-\d{5}$/;
const blobOf = (root: string, digest: string): string => join(root, 'blobs', `sha256-${digest}`);

/** Several layers of one model are its shards, under llama.cpp's names for them. */
function numbered(digests: readonly string[]): { readonly digest: string; readonly mark: string }[] {
  const five = (number: number): string => String(number).padStart(5, '0');
  return digests.map((digest, index) => ({
    digest,
    mark: digests.length === 1 ? '' : `-${five(index + 1)}-of-${five(digests.length)}`,
  }));
}

/** Model layers in the order that their headers tell. Where these are not the shards of one model, the first layer alone. */
async function inOrder(root: string, digests: readonly string[]): Promise<readonly string[]> {
  if (digests.length < 2) return digests;
  const shards = [];
  for (const digest of digests) {
    const header = await readHeaderOfFile(blobOf(root, digest)).catch(() => null);
    const split = header && splitOf(header);
    if (split?.count !== digests.length) return digests.slice(0, 1);
    shards.push({ digest, number: split.number });
  }
  return shards.sort((a, b) => a.number - b.number).map(({ digest }) => digest);
}

interface Layers {
  /** By their sha256, as all of them. */
  readonly models: readonly string[];
  readonly projectors: readonly string[];
  readonly adapters: readonly string[];
}

/** The layers that are files of a model, in the manifest's order. */
function layersOf(manifest: string | null): Layers {
  const { layers } = readRecord(manifest);
  const all = Array.isArray(layers) ? (layers.slice(0, MAX_LAYERS) as unknown[]) : [];
  const ofType = (type: string): string[] => [
    ...new Set(
      all.flatMap((layer) => {
        if (typeof layer !== 'object' || layer === null || !('mediaType' in layer) || !('digest' in layer)) return [];
        const hex = typeof layer.digest === 'string' ? /^sha256:([0-9a-f]{64})$/.exec(layer.digest)?.[1] : undefined;
        return layer.mediaType === `application/vnd.ollama.image.${type}` && hex !== undefined ? [hex] : [];
      }),
    ),
  ];
  return { models: ofType('model'), projectors: ofType('projector'), adapters: ofType('adapter') };
}
