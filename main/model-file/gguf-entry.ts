/** The metadata of a GGUF file that is to be written: keys with typed values, after the format's specification in the ggml project. */

export type GgufEntry = { readonly key: string } & GgufEntryValue;

/** A value with its GGUF type. Lists have the type of their elements and an `s`. */
export type GgufEntryValue =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'uint16' | 'uint32' | 'int32' | 'uint64' | 'float32'; readonly value: number }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'bools'; readonly value: readonly boolean[] }
  | { readonly type: 'uint8s'; readonly value: Uint8Array }
  | { readonly type: 'int32s'; readonly value: Int32Array }
  | { readonly type: 'uint32s'; readonly value: Uint32Array }
  | { readonly type: 'float32s'; readonly value: Float32Array };
