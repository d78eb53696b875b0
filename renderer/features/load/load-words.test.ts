import { describe, expect, it } from 'vitest';
import type { ChatSummary } from '../../../preload/contract/chat.ts';
import type { LoadedModel, LoadSettings } from '../../../preload/contract/engine.ts';
import {
  calibrationWords,
  endsRepliesWords,
  exceedsTraining,
  layersAsked,
  sameSettings,
  settingsProblem,
} from './load-words.ts';

const settings: LoadSettings = {
  contextSize: 'auto',
  gpuLayers: 'auto',
  kvCacheType: 'F16',
  flashAttention: 'auto',
  batchSize: 'auto',
  threads: 'auto',
  mmap: true,
  mlock: false,
  sequences: 1,
  speculation: { kind: 'off' },
  loras: [],
};

describe('load settings', () => {
  it('says when a small KV type lacks the flash attention that it needs', () => {
    expect(settingsProblem({ ...settings, kvCacheType: 'Q8_0', flashAttention: false })).toContain('Q8_0');
    expect(settingsProblem({ ...settings, kvCacheType: 'Q8_0' })).toBeNull();
    expect(settingsProblem({ ...settings, flashAttention: false })).toBeNull();
  });

  it('compares by value, not by the order of the fields', () => {
    const { mmap, ...rest } = settings;
    expect(sameSettings(settings, { ...rest, mmap })).toBe(true);
    expect(sameSettings(settings, { ...settings, loras: [{ modelId: 'a/b/c', scale: 1 }] })).toBe(false);
  });

  it('counts the layers that the settings ask for', () => {
    expect(layersAsked(settings, 24)).toBeNull();
    expect(layersAsked({ ...settings, gpuLayers: 'all' }, 24)).toBe(24);
    expect(layersAsked({ ...settings, gpuLayers: 99 }, 24)).toBe(24);
  });
});

describe('calibrationWords', () => {
  it('gives both speeds with their threads, and when it was measured', () => {
    const words = calibrationWords(
      {
        decodeThreads: 1,
        promptThreads: 2,
        batchSize: 512,
        decodeTokensPerSecond: 127.4,
        promptTokensPerSecond: 6.46,
        tried: [],
        tookMs: 2100,
        at: 1_000_000,
      },
      1_000_000 + 600_000,
    );
    expect(words).toBe(
      'Writes 127\u00a0tokens/s with 1 thread and reads 6.46\u00a0tokens/s with 2 threads, 512 tokens at a time. Measured 10\u00a0min ago in 2.1\u00a0s.',
    );
  });
});

describe('a reload', () => {
  const chat = (title: string, changes: Partial<ChatSummary> = {}): ChatSummary => ({
    ...{ id: title, title, pinned: false, modelId: null, usesModelId: 'a', createdAt: 0, updatedAt: 0, busy: true },
    ...{ folderId: null, archived: false, tags: [] },
    ...changes,
  });
  const loaded = (changes: Partial<LoadedModel>): LoadedModel =>
    ({ modelId: 'a', status: 'generating', activeSequences: 1, ...changes }) as LoadedModel;

  it('names the replies that it ends', () => {
    const chats = [chat('Ships'), chat('Idle', { busy: false }), chat('Other', { usesModelId: 'b' })];
    expect(endsRepliesWords(loaded({}), chats)).toBe('Reloading ends the reply that is being written: “Ships”.');
    expect(endsRepliesWords(loaded({ activeSequences: 2 }), [])).toBe(
      'Reloading ends the 2 replies that are being written.',
    );
    expect(endsRepliesWords(loaded({ status: 'ready', activeSequences: 0 }), chats)).toBeNull();
    expect(endsRepliesWords(undefined, chats)).toBeNull();
  });
});

it('a chosen context size is compared with the trained one', () => {
  const of = (contextSize: LoadSettings['contextSize']): LoadSettings => ({ ...settings, contextSize });
  expect(exceedsTraining(of(1025), 1024)).toBe(true);
  expect(exceedsTraining(of(1024), 1024)).toBe(false);
  expect(exceedsTraining(of('auto'), 1024)).toBe(false);
  expect(exceedsTraining(of(999_999), null)).toBe(false);
});
