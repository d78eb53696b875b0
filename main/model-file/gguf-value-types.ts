/** The types of metadata values by their numbers in a GGUF file. */
export interface GgufValueType {
  readonly name: string;
  /** Null for strings and lists, which have no fixed size. */
  readonly sizeBytes: number | null;
}

export const UINT8 = 0;
const UINT16 = 2;
const UINT32 = 4;
export const INT32 = 5;
export const FLOAT32 = 6;
export const STRING = 8;
export const LIST = 9;

export const ggufValueTypes: readonly GgufValueType[] = [
  { name: 'uint8', sizeBytes: 1 },
  { name: 'int8', sizeBytes: 1 },
  { name: 'uint16', sizeBytes: 2 },
  { name: 'int16', sizeBytes: 2 },
  { name: 'uint32', sizeBytes: 4 },
  { name: 'int32', sizeBytes: 4 },
  { name: 'float32', sizeBytes: 4 },
  { name: 'boolean', sizeBytes: 1 },
  { name: 'string', sizeBytes: null },
  { name: 'list', sizeBytes: null },
  { name: 'uint64', sizeBytes: 8 },
  { name: 'int64', sizeBytes: 8 },
  { name: 'float64', sizeBytes: 8 },
];

/** Keys that ggml and llama.cpp read without a question for their type: another one ends the process that loads the file. */
export const typesOfKeys: ReadonlyMap<string, number> = new Map([
  ['general.alignment', UINT32],
  ['split.no', UINT16],
  ['split.count', UINT16],
  ['split.tensors.count', INT32],
]);
