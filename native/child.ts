/** The process of the native child: plain Node that calls llama.cpp's libraries. It does one piece of work for main and is ended. */
import { Worker } from 'node:worker_threads';
import { serve, type CallContext, type Handlers } from '../preload/wire/rpc.ts';
import { threadFile } from '../main/base/thread-file.ts';
import { ipcPort } from '../main/process/ipc-port.ts';
import { collectImatrix } from './imatrix/imatrix.ts';
import { openLlama, type Llama } from './library/llama.ts';
import { evaluateModel } from './measure/evaluate.ts';
import { nativeContract, type NativeContract } from './protocol.ts';
import { plan, quantize } from './quantize/quantize.ts';
import { tokenize } from './tokenize/tokenize.ts';

// Started before anything that may hang. On Windows the system itself ends a child with its parent.
if (process.platform !== 'win32')
  new Worker(threadFile('../main/process/lifeline-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, codeRangeSizeMb: 4, stackSizeMb: 0.5 },
    env: {},
  }).unref();

let opened: Llama | undefined;
/** The libraries, opened at the first use, so that an error about them is the answer to a request. */
const llama = (): Llama => (opened ??= openLlama());

const handlers: Handlers<NativeContract, CallContext> = {
  ping: () => null,
  'native.plan': (settings) => plan(llama(), settings),
  'native.quantize': (request) => quantize(llama(), request),
  'native.imatrix': (request) => collectImatrix(llama(), request),
  'native.evaluate': (request) => evaluateModel(llama(), request),
  'native.tokenize': (request) => tokenize(llama(), request),
};

serve(nativeContract, handlers, ipcPort(process), (signal) => ({ signal }));
// The app is gone, or has what it wanted. Not by exit(), which waits for threads that may be in a long call.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Ctrl+C in a terminal reaches the whole process group. Main decides when a child ends.
process.on('SIGINT', () => {});
