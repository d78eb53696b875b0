/**
 * Shared setup for tests of the engine's host: small real models, a host over real children, and queries about
 * processes.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Sampling } from '../../preload/contract/chat.ts';
import {
  createEngine,
  type Engine,
  type EngineModel,
  type EngineOptions,
  type GenerateEvent,
  type GenerateRequest,
} from '../../main/engine/engine.ts';
import { freshBuild } from '../../main/app/bundles.ts';
import { createSpawnChild } from '../../main/process/spawn-child.ts';
import { LONG_CONTEXT } from './endless.ts';
import { isAlive } from './processes.ts';

export const root = path.join(import.meta.dirname, '../..');
export const ember: EngineModel = {
  modelId: 'hearth/ember/ember.gguf',
  name: 'Ember',
  path: path.join(root, 'assets/models/ember-3M-Q8_0.gguf'),
  weightsBytes: 3_300_000,
  contextSize: 1024,
};
export const stories: EngineModel = {
  modelId: 'karpathy/tinyllamas/stories260K.gguf',
  name: 'Stories',
  path: path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf'),
  weightsBytes: 1_000_000,
  contextSize: 512,
};
export const greedy: Sampling = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repeatPenalty: 1,
  maxTokens: null,
  seed: 1,
};
/** The same with a context size for an endless reply. */
export const longStories: EngineModel = { ...stories, contextSize: LONG_CONTEXT };

/** The child of the build, which starts in a quarter of the source's time; the source if there is no build. */
export const childPath = freshBuild(root, 'engine') ?? path.join(root, 'main/engine/child/child.ts');

export interface TestEngine {
  readonly engine: Engine;
  /** Every child that was started, in order. */
  readonly children: ChildProcess[];
  /** A temporary folder of this engine. */
  readonly folder: string;
  /** Ends the engine and returns the processes that still run: none if all is well. */
  close(): Promise<number[]>;
}

/** A host over real children. `beforeUse` sees each child right after its start. */
export function startEngine(
  options: Partial<EngineOptions> = {},
  child = childPath,
  beforeUse: (child: ChildProcess) => void = () => {},
): TestEngine {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-engine-'));
  const spawnChild = createSpawnChild(process.execPath, child, path.join(folder, 'states'));
  const children: ChildProcess[] = [];
  const engine = createEngine({
    spawnChild(variables) {
      const started = spawnChild(variables);
      children.push(started);
      beforeUse(started);
      return started;
    },
    onChange: () => {},
    scratchFolder: path.join(folder, 'states/scratch'),
    ...options,
  });
  return {
    engine,
    children,
    folder,
    async close() {
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
      return children.flatMap(({ pid }) => (pid !== undefined && isAlive(pid) ? [pid] : []));
    },
  };
}

export async function until(condition: () => boolean, what: string, limitMs = 60_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Waited ${limitMs} ms for this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A reply of a model that is loaded. */
export async function* reply(
  engine: Engine,
  { modelId }: Pick<EngineModel, 'modelId'>,
  request: GenerateRequest,
  signal = new AbortController().signal,
): AsyncGenerator<GenerateEvent> {
  using lease = await engine.openLoaded(modelId);
  yield* lease.generate(request, signal);
}

/** Text of a reply to a raw prompt, at most `maxTokens` long. */
export async function write(
  engine: Engine,
  model: EngineModel,
  prompt: string,
  maxTokens: number,
  onText: () => void = () => {},
): Promise<string> {
  let content = '';
  const request = { input: { rawPrompt: prompt }, sampling: { ...greedy, maxTokens } };
  for await (const event of reply(engine, model, request))
    if (event.type === 'text') {
      content += event.content;
      onText();
    }
  return content;
}
