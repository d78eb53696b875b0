/** The size of a GGUF file before it is written, after the format's specification in the ggml project. */
import type { GgufEntry } from '../../model-file/gguf-entry.ts';
import { tensorBytes, type OutputType } from './output-types.ts';
import type { PlannedTensor } from './planned-tensor.ts';

/** Magic, version, and the counts of tensors and entries. */
const HEADER_BYTES = 4 + 4 + 8 + 8;
const LENGTH_BYTES = 8;
const TYPE_BYTES = 4;
/** Tensor data begin at multiples of this, as without `general.alignment`. */
const ALIGNMENT_BYTES = 32;

/** Bytes of the file of `type`, the padding after its last tensor included. */
export function fileBytes(entries: readonly GgufEntry[], tensors: readonly PlannedTensor[], type: OutputType): number {
  const head = sum(entries.map(entryBytes)) + sum(tensors.map(infoBytes));
  return aligned(HEADER_BYTES + head) + sum(tensors.map((tensor) => aligned(tensorBytes(tensor, type))));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
const stringBytes = (text: string): number => LENGTH_BYTES + Buffer.byteLength(text);

/** Name, number of dimensions, dimensions, type and offset. */
const infoBytes = ({ name, shape }: PlannedTensor): number => stringBytes(name) + 4 + shape.length * 8 + TYPE_BYTES + 8;

function entryBytes(entry: GgufEntry): number {
  const head = stringBytes(entry.key) + TYPE_BYTES;
  const list = TYPE_BYTES + LENGTH_BYTES;
  switch (entry.type) {
    case 'string':
      return head + stringBytes(entry.value);
    case 'bool':
      return head + 1;
    case 'uint16':
      return head + 2;
    case 'uint32':
    case 'int32':
    case 'float32':
      return head + 4;
    case 'uint64':
      return head + 8;
    case 'strings':
      return head + list + sum(entry.value.map(stringBytes));
    case 'bools':
      return head + list + entry.value.length;
    case 'uint8s':
    case 'int32s':
    case 'uint32s':
    case 'float32s':
      return head + list + entry.value.byteLength;
    default:
      return entry satisfies never;
  }
}
