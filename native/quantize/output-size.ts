/** The exact size of a quantized file before it is written: libggml lays out its header, and the tensors follow by their types. */
import { paddedBytes } from '../../main/model-file/ggml-types.ts';
import type { Llama } from '../library/llama.ts';
import type { Pointer } from '../library/functions.ts';
import type { QuantizedTensor } from '../protocol.ts';
import { invalid } from './errors.ts';
import type { Override } from './parameters.ts';
import { tensorTypeNumber } from './types.ts';

const MAX_DIMENSIONS = 4;

export interface OutputLayout {
  readonly inputPath: string;
  readonly fileType: number;
  /** For each file of the output, its tensors. */
  readonly files: readonly (readonly QuantizedTensor[])[];
  readonly overrides: readonly Override[];
  /** The number of layers after pruning, with its key; null where none is left out. */
  readonly layers: { readonly key: string; readonly count: number } | null;
}

/** The bytes of each file of the output. */
export function outputFileBytes(llama: Llama, layout: OutputLayout): number[] {
  const { gguf } = llama.base;
  const count = layout.files.reduce((sum, tensors) => sum + tensors.length, 0);
  const source = gguf.open(layout.inputPath, { no_alloc: true, ctx: null });
  if (source === null) throw invalid('library', 'llama.cpp could not read the header of this model.');
  try {
    return layout.files.map((tensors, index) => {
      const output = gguf.empty();
      try {
        if (index === 0) setEntries(llama, output, source, layout);
        if (layout.files.length > 1) {
          gguf.setUint16(output, 'split.no', index);
          gguf.setUint16(output, 'split.count', layout.files.length);
          gguf.setInt32(output, 'split.tensors.count', count);
        }
        addTensors(llama, output, tensors);
        // llama_model_quantize aligns by the default, whatever the input has.
        const data = tensors.reduce((sum, { sizeBytes }) => sum + paddedBytes(sizeBytes), 0);
        return gguf.headerBytes(output) + data;
      } finally {
        gguf.free(output);
      }
    });
  } finally {
    gguf.free(source);
  }
}

function setEntries({ base: { gguf } }: Llama, output: Pointer, source: Pointer, layout: OutputLayout): void {
  gguf.copyEntries(output, source);
  gguf.setUint32(output, 'general.quantization_version', 2);
  gguf.setUint32(output, 'general.file_type', layout.fileType);
  for (const key of ['split.no', 'split.count', 'split.tensors.count']) gguf.removeKey(output, key);
  for (const [key, value] of layout.overrides)
    if (typeof value === 'number') gguf.setUint32(output, key, value);
    else gguf.setText(output, key, value);
  if (layout.layers !== null) gguf.setUint32(output, layout.layers.key, layout.layers.count);
}

/** Adds tensors without data. */
function addTensors({ base }: Llama, output: Pointer, tensors: readonly QuantizedTensor[]): void {
  const context = base.init({
    mem_size: (tensors.length + 1) * base.tensorOverhead(),
    mem_buffer: null,
    no_alloc: true,
  });
  try {
    for (const { name, shape, toType } of tensors) {
      const sizes = BigInt64Array.from({ length: MAX_DIMENSIONS }, (_, index) => BigInt(shape[index] ?? 1));
      const tensor = base.newTensor(context, tensorTypeNumber(toType), MAX_DIMENSIONS, sizes);
      base.setName(tensor, name);
      base.gguf.addTensor(output, tensor);
    }
  } finally {
    base.free(context);
  }
}
