import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { LoadedModel } from '../../preload/contract/engine.ts';
import { AppError, encodeError, type ErrorBody } from '../../preload/wire/errors.ts';
import { createLog, type Log, type LogLevel } from '../base/log.ts';
import { createLoadLog, failureLogger, replyLogger } from './event-log.ts';

/** What is in the log file after `write`, without times. */
function logged(level: LogLevel, write: (log: Log) => void): string[] {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-event-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const log = createLog({ folder, level });
  write(log);
  return readFileSync(log.file, 'utf8')
    .split('\n')
    .map((line) => line.replace(/^\S+ /, ''));
}

const model = (status: LoadedModel['status'], error: ErrorBody | null = null): LoadedModel => ({
  ...{ modelId: 'a/b/c.gguf', name: 'C', status, progress: 1, contextSize: 4096, trainedContextSize: 4096, threads: 2 },
  ...{ gpuLayers: 0, layerCount: 6, device: 'CPU', memoryBytes: 5_000_000, loadMs: 12.4, notes: [], error, leases: 0 },
  ...{ batchSize: 512, kvCacheType: 'F16', flashAttention: true, sequences: 4, activeSequences: 0, vramBytes: 0 },
  ...{ unloadsAt: null, calibration: null },
});

it('has a failed reply with its code, its reason and its model, and nothing of what was said', () => {
  const said = encodeError(new AppError('invalid_input', 'Not understood: “my secret”.', { reason: 'grammar' }));
  expect(logged('info', (log) => replyLogger(log)(said, 'a/b/c.gguf'))).toEqual([
    'info  A reply failed: invalid_input (grammar), model a/b/c.gguf',
    '',
  ]);
});

it('takes ordinary waiting for no error', () => {
  const busy = encodeError(new AppError('busy', 'Models in use leave no room.', { reason: 'no_room' }));
  const crashed = encodeError(new AppError('engine.crashed', 'It ended.'));
  const lines = logged('info', (log) => {
    createLoadLog(log)([model('failed', busy)]);
    createLoadLog(log)([model('failed', crashed)]);
  });
  expect(lines).toEqual([
    'info  Engine: a/b/c.gguf is failed, busy: Models in use leave no room.',
    'error Engine: a/b/c.gguf is failed, engine.crashed: It ended.',
    '',
  ]);
});

it('has more at the level of debugging: how a model was loaded, and calls that were refused', () => {
  const write = (log: Log): void => {
    const loads = createLoadLog(log);
    loads([model('loading')]);
    loads([model('ready')]);
    failureLogger(log)('chat.search', new AppError('invalid_input', 'my secret', { reason: 'too_long' }));
    failureLogger(log)('chat.search', new TypeError('a defect'));
  };
  const plain = logged('info', write);
  const all = logged('debug', write);
  expect(plain.filter((line) => /defect/.test(line))).toHaveLength(1);
  expect(plain.join()).not.toMatch(/debug/);
  expect(all).toContain('debug chat.search was answered with invalid_input (too_long)');
  expect(all.find((line) => line.startsWith('debug Engine'))).toMatch(
    /was loaded in 12 ms: context size 4096, 4 slots, 0 of 6 layers on CPU, 2 threads/,
  );
  expect(all.join()).not.toContain('my secret');
});
