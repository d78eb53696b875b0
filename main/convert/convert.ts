/**
 * Making models: safetensors to GGUF, quantization, what it costs, verification, and tokenizers. The entry of this folder: other modules
 * import only this file.
 */
import { AppError } from '../../preload/wire/errors.ts';
import type { ConversionSource, convertRoutes } from '../../preload/contract/convert.ts';
import type { InputOf, OutputOf } from '../../preload/wire/rpc.ts';
import type { Hub } from '../hub/hub.ts';
import type { FitOf } from '../model-file/fit-of.ts';
import { createChecks } from './check/checks.ts';
import type { SourceAddress } from './sources/open-checkpoint.ts';
import { listStoredCheckpoints } from './sources/stored-checkpoints.ts';

type Routes = typeof convertRoutes;
type Input<R extends keyof Routes> = InputOf<Routes, R>;
type Answer<R extends keyof Routes> = Promise<OutputOf<Routes, R>>;

export interface ConvertOptions {
  readonly hub: Pick<Hub, 'files' | 'openFile' | 'cacheFolder'>;
  readonly fitOf: FitOf;
  readonly folders: {
    /** Opens the shell's folder dialog. Null when it was closed. Throws unsupported where the shell has none. */
    pick(): Promise<{ readonly folderId: string; readonly path: string } | null>;
    /** Throws not_found for the id of a folder that was not shown. */
    pathOf(folderId: string): string;
  };
}

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

export function createConvert(options: ConvertOptions): Convert {
  const { hub, fitOf, folders } = options;
  const checks = createChecks({ hub, fitOf });
  const later = (): Promise<never> =>
    Promise.reject(new AppError('unsupported', 'This is not there yet.', { reason: 'not_there_yet' }));
  const addressOf = (source: ConversionSource): SourceAddress =>
    source.kind === 'hub' ? source : { kind: 'folder', path: folders.pathOf(source.folderId) };

  return {
    check: async ({ source }, signal) => await checks.check(addressOf(source), signal),
    pickFolder: () => folders.pick(),
    stored: async () => ({ checkpoints: await listStoredCheckpoints(hub.cacheFolder()) }),
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
