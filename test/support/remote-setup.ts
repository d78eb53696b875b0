/** Servers elsewhere over a store and secrets of their own, for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Sampling } from '../../preload/contract/chat.ts';
import type { ProviderInput } from '../../preload/contract/providers.ts';
import { createRemoteProviders, type RemoteOptions, type RemoteProviders } from '../../main/inference/remote.ts';
import type { GenerateEvent, GenerateRequest, GenerateResult } from '../../main/engine/engine.ts';
import { createSecrets, type Secrets } from '../../main/store/secrets.ts';
import { openStore, type Store } from '../../main/store/store.ts';
import { startOpenAiServer, type OpenAiServer, type Variant } from './openai-server.ts';

export interface RemoteSetup {
  readonly providers: RemoteProviders;
  readonly folder: string;
  readonly store: Store;
  readonly secrets: Secrets;
}

export function remoteSetup(options: Partial<RemoteOptions> = {}): RemoteSetup {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-remote-'));
  const store = openStore(folder, path.join(import.meta.dirname, '../../main/store/migrations'));
  const secrets = createSecrets(folder, null);
  const providers = createRemoteProviders({
    ...{ store, secrets, offlineBy: null },
    network: () => ({ proxy: null, httpProxy: null, noProxy: null, certificates: null }),
    ...options,
  });
  onTestFinished(() => {
    providers.close();
    store.close();
    rmSync(folder, { recursive: true });
  });
  return { providers, folder, store, secrets };
}

export const input = (address: string, more: Partial<ProviderInput> = {}): ProviderInput => ({
  ...{ id: null, kind: 'openai-compatible', name: 'Test', address, headers: [], enabled: true },
  ...more,
});

export async function server(
  variant: Variant,
  options: Parameters<typeof startOpenAiServer>[1] = {},
): Promise<OpenAiServer> {
  const started = await startOpenAiServer(variant, options);
  onTestFinished(() => started.close());
  return started;
}

export const greedy: Sampling = {
  ...{ temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1 },
  ...{ maxTokens: 32, seed: 7 },
};

export const asks = (content: string, more: Partial<GenerateRequest> = {}): GenerateRequest => ({
  input: { messages: [{ role: 'user', content }] },
  sampling: greedy,
  ...more,
});

export async function allOf<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const event of events) all.push(event);
  return all;
}

export interface WholeReply {
  readonly content: string;
  readonly reasoning: string;
  readonly events: readonly GenerateEvent[];
  readonly result: GenerateResult;
}

/** All events of a reply. */
export async function whole(events: AsyncIterable<GenerateEvent>): Promise<WholeReply> {
  const all = await allOf(events);
  let content = '';
  let reasoning = '';
  for (const event of all) {
    if (event.type !== 'text') continue;
    if (event.contentWasReasoning) {
      reasoning = content + reasoning;
      content = '';
    }
    content += event.content;
    reasoning += event.reasoning;
  }
  const end = all.at(-1);
  if (end?.type !== 'end') throw new Error('The reply has no end.');
  return { content, reasoning, events: all, result: end.result };
}
