/**
 * Making models: safetensors to GGUF, quantization, what it costs, verification, and tokenizers. The entry of this folder: other modules
 * import only this file.
 */
import { AppError } from '../../preload/wire/errors.ts';
import type { convertRoutes } from '../../preload/contract/convert.ts';
import type { InputOf, OutputOf } from '../../preload/wire/rpc.ts';

type Routes = typeof convertRoutes;
type Input<R extends keyof Routes> = InputOf<Routes, R>;
type Answer<R extends keyof Routes> = Promise<OutputOf<Routes, R>>;

export interface Convert {
  check(input: Input<'convert.check'>, signal: AbortSignal): Answer<'convert.check'>;
  pickFolder(): Answer<'convert.pickFolder'>;
  stored(): Answer<'convert.stored'>;
  start(input: Input<'convert.start'>, signal: AbortSignal): Answer<'convert.start'>;
  outputs(input: Input<'convert.outputs'>, signal: AbortSignal): Answer<'convert.outputs'>;
  records(): Answer<'convert.records'>;
  quantize(input: Input<'convert.quantize'>): Answer<'convert.quantize'>;
  predictSize(input: Input<'convert.predictSize'>, signal: AbortSignal): Answer<'convert.predictSize'>;
  imatrix(input: Input<'convert.imatrix'>): Answer<'convert.imatrix'>;
  measure(input: Input<'convert.measure'>): Answer<'convert.measure'>;
  measurements(): Answer<'convert.measurements'>;
  deleteMeasurement(input: Input<'convert.deleteMeasurement'>): Answer<'convert.deleteMeasurement'>;
  verify(input: Input<'convert.verify'>): Answer<'convert.verify'>;
  encode(input: Input<'tokenizer.encode'>, signal: AbortSignal): Answer<'tokenizer.encode'>;
  decode(input: Input<'tokenizer.decode'>, signal: AbortSignal): Answer<'tokenizer.decode'>;
}

export function createConvert(): Convert {
  const later = (): Promise<never> =>
    Promise.reject(new AppError('unsupported', 'This is not there yet.', { reason: 'not_there_yet' }));
  return {
    check: later,
    pickFolder: later,
    stored: later,
    start: later,
    outputs: later,
    records: later,
    quantize: later,
    predictSize: later,
    imatrix: later,
    measure: later,
    measurements: later,
    deleteMeasurement: later,
    verify: later,
    encode: later,
    decode: later,
  };
}
