/** The contract between main and the native child, over the child's IPC channel. */
import { stream, type Schema } from '../preload/wire/rpc.ts';

/** Takes what its type says: both ends are Hearth's own. */
const trusted = <T>(): Schema<T> => ({ safeParse: (value) => ({ success: true, data: value as T }) });

export interface QuantizeRequest {
  readonly inputPath: string;
  readonly outputPath: string;
  /** A name of llama.cpp's file types, such as `Q4_K_M`. */
  readonly fileType: string;
  readonly threads: number;
}

export type QuantizeEvent =
  | { readonly type: 'tensor'; readonly index: number; readonly count: number; readonly name: string }
  | { readonly type: 'done'; readonly sizeBytes: number };

export const nativeContract = {
  'native.quantize': stream(trusted<QuantizeRequest>()).emits<QuantizeEvent>(),
};
