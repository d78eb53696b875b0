/**
 * The process of the native child: plain Node that calls llama.cpp's libraries. It does one piece of work for main and is ended,
 * or keeps the vocabulary of one model.
 */
import type { CallContext, Handlers } from '../preload/wire/rpc.ts';
import { serveApp, startLifeline } from '../main/process/serve-app.ts';
import { collectImatrix } from './imatrix/imatrix.ts';
import { openLlama, type Llama } from './library/llama.ts';
import { evaluateModel } from './measure/evaluate.ts';
import { nativeContract, type NativeContract } from './protocol.ts';
import { plan, quantize } from './quantize/quantize.ts';
import { detokenize, tokenize } from './tokenize/tokenize.ts';

startLifeline();

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
  'native.detokenize': (request) => detokenize(llama(), request),
};

serveApp(nativeContract, handlers);
