/** An engine child alone, without the host, for tests of generation. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Sampling, TokenLogprob } from '../../preload/contract/chat.ts';
import { connect, type Client } from '../../preload/wire/rpc.ts';
import { ipcPort } from '../../main/process/ipc-port.ts';
import type {
  ChildContract,
  GenerateRequest,
  GenerateResult,
  LoadedInfo,
  LoadRequest,
} from '../../main/engine/protocol.ts';
import { createSpawnChild } from '../../main/process/spawn-child.ts';

export const root = path.join(import.meta.dirname, '../..');
export const emberPath = path.join(root, 'assets/models/ember-3M-Q8_0.gguf');
export const storiesPath = path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf');

export const greedy: Sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: 60, seed: 1 };

export interface Reply {
  readonly content: string;
  readonly reasoning: string;
  readonly logprobs: readonly TokenLogprob[];
  readonly result: GenerateResult;
  readonly events: readonly string[];
}

export interface TestChild {
  readonly client: Client<ChildContract>;
  readonly folder: string;
  load(modelPath: string, settings?: Partial<LoadRequest>): Promise<LoadedInfo>;
  reply(
    input: GenerateRequest['input'],
    sampling?: Partial<Sampling>,
    request?: Partial<GenerateRequest>,
    onText?: (soFar: string) => void,
  ): Promise<Reply>;
  close(): Promise<void>;
}

/** Starts a child with a scratch folder of its own. */
export function startChild(): TestChild {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-engine-'));
  const child = createSpawnChild(process.execPath, path.join(root, 'main/engine/child/child.ts'), folder)();
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const client = connect<ChildContract>(ipcPort(child));
  return {
    client,
    folder,
    async load(modelPath, settings) {
      let info: LoadedInfo | undefined;
      const request: LoadRequest = {
        modelPath,
        contextSize: 512,
        sequences: 1,
        gpuLayers: 0,
        kvCacheType: 'F16',
        flashAttention: 'auto',
        batchSize: 512,
        decodeThreads: 1,
        promptThreads: 1,
        mmap: true,
        mlock: false,
        speculation: { kind: 'off' },
        loras: [],
        scratchFolder: path.join(folder, 'scratch'),
        ...settings,
      };
      for await (const event of client.stream('load', request)) if (event.type === 'ready') info = event.info;
      if (!info) throw new Error(`the load ended without an event: ${stderr}`);
      return info;
    },
    async reply(input, sampling, request, onText) {
      let content = '';
      let reasoning = '';
      const logprobs: TokenLogprob[] = [];
      const events: string[] = [];
      for await (const event of client.stream('generate', {
        input,
        sampling: { ...greedy, ...sampling },
        ...request,
      })) {
        events.push(event.type);
        if (event.type === 'text') {
          content += event.content;
          onText?.(content);
          reasoning += event.reasoning;
          logprobs.push(...(event.logprobs ?? []));
        }
        if (event.type === 'end') return { content, reasoning, logprobs, result: event.result, events };
      }
      throw new Error(`the stream ended without its end: ${stderr}`);
    },
    async close() {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const say = (...texts: string[]): { messages: { role: 'user' | 'assistant'; content: string }[] } => ({
  messages: texts.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content })),
});
