/**
 * Lists Ollama's models in place: in OLLAMA_MODELS, else in ~/.ollama/models, and on Linux in the folder of its service.
 *
 *     manifests/HOST/NAMESPACE/NAME/TAG    JSON: a list of layers by digest; `library` is the namespace of its own models
 *     manifests-v2/…                       newer ones: the same, as links to blobs
 *     blobs/sha256-HEX                     the layers; the one of type …image.model is a GGUF file, without an ending
 */
import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Placed, Programs } from './placed.ts';
import { beginsAsGguf, readRecord, readSmall } from '../small-files.ts';
import { identityOf, walk } from './walk.ts';

const MODEL_LAYER = 'application/vnd.ollama.image.model';
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
    const digest = modelDigest(await readSmall(path));
    if (digest === null) continue;
    const file = join(root, 'blobs', `sha256-${digest}`);
    const info = await stat(file).catch(() => null);
    // Newer models can be of other formats.
    if (!info?.isFile() || !(await beginsAsGguf(file))) continue;
    const shortHost = OWN_HOSTS.includes(host) ? [] : [host];
    const name = [
      ...shortHost,
      ...(shortHost.length === 0 && namespace === 'library' ? [] : [namespace]),
      ...rest,
    ].join('/');
    placed.push({
      origin: 'ollama',
      owner: 'ollama',
      inside: `${name}/${tag}.gguf`,
      path: file,
      sizeBytes: info.size,
      modifiedAtMs: info.mtimeMs,
      identity: identityOf(info, file),
      title: `${name}:${tag}`,
    });
  }
  return placed;
}

/** The sha256 of the layer with the weights, or null. */
function modelDigest(manifest: string | null): string | null {
  const { layers } = readRecord(manifest);
  if (!Array.isArray(layers)) return null;
  for (const layer of layers.slice(0, 1000) as unknown[]) {
    if (typeof layer !== 'object' || layer === null || !('mediaType' in layer) || !('digest' in layer)) continue;
    const hex = typeof layer.digest === 'string' ? /^sha256:([0-9a-f]{64})$/.exec(layer.digest)?.[1] : undefined;
    if (layer.mediaType === MODEL_LAYER && hex !== undefined) return hex;
  }
  return null;
}
