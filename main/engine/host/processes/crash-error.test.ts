import { describe, expect, it } from 'vitest';
import type { ChildEnd } from '../../../process/child-end.ts';
import { crashError } from './crash-error.ts';

const end: ChildEnd = { code: null, signal: null, stderr: '', answered: true, outOfMemoryKill: false };

describe('what the end of a child tells', () => {
  it.for<[string, Partial<ChildEnd>, string, RegExp]>([
    ['a kill', { signal: 'SIGKILL' }, 'engine.crashed', /most often because memory ran out/],
    ['a kill for memory', { signal: 'SIGKILL', outOfMemoryKill: true }, 'engine.out_of_memory', /memory ran out/],
    [
      'a refused allocation',
      { signal: 'SIGABRT', stderr: 'what():  std::bad_alloc\n' },
      'engine.out_of_memory',
      /ran out of memory/,
    ],
    [
      "ggml's assertion on a buffer",
      { signal: 'SIGABRT', stderr: 'ggml.c:1644: GGML_ASSERT(ctx->mem_buffer != NULL) failed\n' },
      'engine.out_of_memory',
      /ran out of memory/,
    ],
    [
      'another assertion',
      { signal: 'SIGABRT', stderr: 'llama.cpp:12: GGML_ASSERT(n_tokens > 0) failed\n' },
      'engine.crashed',
      /internal error/,
    ],
    [
      'a full heap',
      { signal: 'SIGABRT', stderr: 'FATAL ERROR: JavaScript heap out of memory' },
      'engine.out_of_memory',
      /./,
    ],
    ['an instruction', { signal: 'SIGILL' }, 'engine.crashed', /does not have/],
    ['an instruction on Windows', { code: 0xc000001d }, 'engine.crashed', /does not have/],
    ['a wrong address on Windows', { code: 0xc0000005 }, 'engine.crashed', /memory that is not its own/],
    ['a file that was cut short', { signal: 'SIGBUS' }, 'engine.crashed', /no longer be read/],
    ['another signal', { signal: 'SIGTERM' }, 'engine.crashed', /unexpectedly \(SIGTERM\)/],
    ['a missing library on Windows', { code: 0xc0000135, answered: false }, 'engine.start_failed', /missing/],
    [
      'a missing library',
      { code: 127, stderr: 'node: error while loading shared libraries: libatomic.so.1: cannot open', answered: false },
      'engine.start_failed',
      /missing/,
    ],
    [
      'a lost GPU',
      { signal: 'SIGABRT', stderr: 'CUDA error: unspecified launch failure' },
      'engine.crashed',
      /graphics card/,
    ],
    [
      'a lost GPU by Vulkan',
      { signal: 'SIGABRT', stderr: "terminate called after throwing 'vk::DeviceLostError'\nwhat(): ErrorDeviceLost\n" },
      'engine.crashed',
      /graphics card/,
    ],
    [
      'a full GPU by Vulkan',
      { signal: 'SIGABRT', stderr: 'what():  vk::Device::allocateMemory: ErrorOutOfDeviceMemory\n' },
      'engine.out_of_memory',
      /ran out of memory/,
    ],
    [
      'a full GPU by Metal',
      { signal: 'SIGABRT', stderr: 'error 8 (kIOGPUCommandBufferCallbackErrorOutOfMemory)\n' },
      'engine.out_of_memory',
      /ran out of memory/,
    ],
    ['a start that failed', { code: 1, answered: false }, 'engine.start_failed', /before it was ready \(exit code 1\)/],
    ['an exit', { code: 3 }, 'engine.crashed', /unexpectedly \(exit code 3\)/],
  ])('%s', ([, how, code, words]) => {
    const error = crashError({ ...end, ...how });
    expect(error.code).toBe(code);
    expect(error.message).toMatch(words);
  });

  it('keeps the line that says most, without the stack around it', () => {
    const stderr = 'note\nTypeError: x is not a function\n    at load (file:///child.js:1:2)\n\nNode.js v24.21.0\n';
    expect(crashError({ ...end, code: 1, stderr }).data).toEqual({
      reason: 'exit code 1',
      detail: 'TypeError: x is not a function',
    });
  });
});
