/** `hearth __complete COUNT WORD...`: what the scripts of `hearth completion` ask while a line is typed. Quick, and never an error. */
import { readEnvironment } from '../../app/environment.ts';
import { builtInModel } from '../../app/built-in.ts';
import { shownName } from '../../base/foreign-text.ts';
import { modelFilesOf, scanCache } from '../../hub/hub.ts';
import { quantizationFromFileName } from '../../model-file/quantization.ts';
import { cacheFolderOf } from '../cache-folder.ts';
import { namesInFolder } from '../given-names.ts';
import { knownServers } from '../models-elsewhere.ts';
import { connectApp } from '../running-app.ts';
import { candidatesFor, type Candidate } from './candidates.ts';

/** More names are no help in a terminal. */
const MAX_CANDIDATES = 500;
/** Longer nobody waits for the Tab key. */
const APP_LIMIT_MS = 1500;

/**
 * Prints one candidate in a line, with what it is behind a tab, and `:files` or `:folders` where the shell adds its own names. COUNT is
 * the number of words, because some shells drop an empty last one.
 */
export async function complete(
  [count = '0', ...words]: readonly string[],
  write: (text: string) => void,
  version: string,
): Promise<void> {
  const wanted = Math.min(1000, Number(count) || 0);
  const all = [...words, ...Array.from({ length: Math.max(0, wanted - words.length) }, () => '')];
  try {
    const { words: found, also } = await candidatesFor(all, async (where) => [
      ...(await modelsHere()),
      ...(where === 'anywhere' ? await modelsElsewhere(version) : []),
    ]);
    const lines = found.slice(0, MAX_CANDIDATES).map(({ text, help }) => (help === '' ? text : `${text}\t${help}`));
    write([...lines, ...(also === null ? [] : [`:${also}`])].map((line) => `${line}\n`).join(''));
  } catch {
    // A line that is typed is no place for an error.
  }
}

/** The models of the cache by their folders alone, without reading a file. */
async function modelsHere(): Promise<readonly Candidate[]> {
  const environment = readEnvironment();
  const folder = await cacheFolderOf(environment);
  const { repositories } = await scanCache(folder);
  const names: Candidate[] = [{ text: builtInModel.name.toLowerCase(), help: 'the built-in model' }];
  for (const { name, modelId } of await namesInFolder(environment.dataFolder))
    names.push({ text: name, help: modelId });
  for (const repository of repositories.values()) {
    const types = new Set(modelFilesOf(folder, repository).map(({ path }) => quantizationFromFileName(path)));
    if (types.size === 0) continue;
    names.push({ text: repository.repoId, help: '' });
    if (types.size > 1)
      for (const type of types) if (type !== null) names.push({ text: `${repository.repoId}:${type}`, help: '' });
  }
  return names;
}

/** Those that the running app knows at this moment; none where it does not answer in time. */
async function modelsElsewhere(version: string): Promise<readonly Candidate[]> {
  const signal = AbortSignal.timeout(APP_LIMIT_MS);
  try {
    const app = await connectApp(readEnvironment(), version, signal);
    if (app === null) return [];
    try {
      const servers = await knownServers(app.client, signal);
      return servers.flatMap(({ name, models }) =>
        models.map(({ modelId }) => ({ text: modelId, help: `elsewhere, at ${shownName(name)}` })),
      );
    } finally {
      app.close();
    }
  } catch {
    return [];
  }
}
