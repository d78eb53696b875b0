/**
 * The C structs that are passed to llama.cpp 0.4.0, member by member with their defaults, after its llama.h and ggml.h. A struct that a
 * library of another layout took would make it read memory that means something else, so each one is tried before its first use: what
 * the library itself writes as defaults must stand where this table says, and nothing may stand behind it.
 */
import koffi, { type LibraryHandle, type TypeObject } from 'koffi';
import { AppError } from '../../preload/wire/errors.ts';

type MemberType = 'int32' | 'uint32' | 'float' | 'bool' | 'size_t' | 'void *';

/** Name, type, and the value that the library gives it by default; a pointer is 0. */
type Member = readonly [name: string, type: MemberType, byDefault: number];

interface StructTable {
  /** The function that returns the struct with its defaults. */
  readonly defaultsFunction: string;
  readonly members: readonly Member[];
  /** In bytes, with the padding at its end. */
  readonly size: number;
}

/** GGML_TYPE_COUNT: no type. */
const NO_TENSOR_TYPE = 43;

const quantizeParams: StructTable = {
  defaultsFunction: 'llama_model_quantize_default_params',
  members: [
    ['nthread', 'int32', 0],
    ['ftype', 'int32', 7],
    ['output_tensor_type', 'int32', NO_TENSOR_TYPE],
    ['token_embedding_type', 'int32', NO_TENSOR_TYPE],
    ['allow_requantize', 'bool', 0],
    ['quantize_output_tensor', 'bool', 1],
    ['only_copy', 'bool', 0],
    ['pure', 'bool', 0],
    ['keep_split', 'bool', 0],
    ['dry_run', 'bool', 0],
    ['imatrix', 'void *', 0],
    ['kv_overrides', 'void *', 0],
    ['tt_overrides', 'void *', 0],
    ['prune_layers', 'void *', 0],
    ['max_buf_size', 'size_t', 8 * 2 ** 30],
  ],
  size: 64,
};

const modelParams: StructTable = {
  defaultsFunction: 'llama_model_default_params',
  members: [
    ['devices', 'void *', 0],
    ['tensor_buft_overrides', 'void *', 0],
    ['n_gpu_layers', 'int32', -1],
    ['split_mode', 'int32', 1],
    ['load_mode', 'int32', -1],
    ['lazy_mode', 'int32', 1],
    ['main_gpu', 'int32', 0],
    ['tensor_split', 'void *', 0],
    ['progress_callback', 'void *', 0],
    ['progress_callback_user_data', 'void *', 0],
    ['kv_overrides', 'void *', 0],
    ['vocab_only', 'bool', 0],
    ['check_tensors', 'bool', 0],
    ['use_extra_bufts', 'bool', 1],
    ['no_host', 'bool', 0],
    ['no_alloc', 'bool', 0],
    ['load_mtp', 'bool', 0],
  ],
  size: 80,
};

const contextParams: StructTable = {
  defaultsFunction: 'llama_context_default_params',
  members: [
    ['n_ctx', 'uint32', 512],
    ['n_batch', 'uint32', 2048],
    ['n_ubatch', 'uint32', 512],
    ['n_seq_max', 'uint32', 1],
    ['n_rs_seq', 'uint32', 0],
    ['n_outputs_max', 'uint32', 0],
    ['n_outputs_max_per_seq', 'uint32', 1],
    ['n_threads', 'int32', 4],
    ['n_threads_batch', 'int32', 4],
    ['ctx_type', 'int32', 0],
    ['rope_scaling_type', 'int32', -1],
    ['pooling_type', 'int32', -1],
    ['attention_type', 'int32', -1],
    ['flash_attn_type', 'int32', -1],
    ['rope_freq_base', 'float', 0],
    ['rope_freq_scale', 'float', 0],
    ['yarn_ext_factor', 'float', -1],
    ['yarn_attn_factor', 'float', -1],
    ['yarn_beta_fast', 'float', -1],
    ['yarn_beta_slow', 'float', -1],
    ['yarn_orig_ctx', 'uint32', 0],
    ['defrag_thold', 'float', -1],
    ['cb_eval', 'void *', 0],
    ['cb_eval_user_data', 'void *', 0],
    ['type_k', 'int32', 1],
    ['type_v', 'int32', 1],
    ['abort_callback', 'void *', 0],
    ['abort_callback_data', 'void *', 0],
    ['embeddings', 'bool', 0],
    ['offload_kqv', 'bool', 1],
    ['no_perf', 'bool', 1],
    ['op_offload', 'bool', 1],
    ['swa_full', 'bool', 1],
    ['kv_unified', 'bool', 0],
    ['samplers', 'void *', 0],
    ['n_samplers', 'size_t', 0],
    ['ctx_other', 'void *', 0],
  ],
  size: 160,
};

/** The structs with defaults of a release. Members of other structs are laid out where they are used. */
export const structTables = { quantizeParams, modelParams, contextParams } as const;

export type StructValue = Record<string, number | boolean | bigint | null>;

/** A struct that was tried against the library. */
export interface CheckedStruct {
  readonly type: TypeObject;
  /** A new copy of the defaults. */
  defaults(): StructValue;
}

const UNTOUCHED = 0xa5;
/** Room behind a struct, to see whether the library writes more than is known. */
const SPARE_BYTES = 128;

/** @throws AppError `unsupported` (`reason: 'layout'`) when the library's defaults are not where the table says. */
export function checkedStruct(library: LibraryHandle, table: StructTable): CheckedStruct {
  const type = koffi.struct(Object.fromEntries(table.members.map(([name, kind]) => [name, kind])));
  if (koffi.sizeof(type) !== table.size) throw otherLayout(table, 'size');
  const bytes = writtenDefaults(library, table);
  if (bytes.subarray(table.size).some((byte) => byte !== UNTOUCHED)) throw otherLayout(table, 'end');
  for (const [name, kind, byDefault] of table.members)
    if (read(bytes, koffi.offsetof(type, name), kind) !== byDefault) throw otherLayout(table, name);
  const getDefaults = library.func(table.defaultsFunction, type, []) as unknown as () => StructValue;
  return { type, defaults: () => ({ ...getDefaults() }) };
}

const otherLayout = (table: StructTable, member: string): AppError =>
  new AppError('unsupported', `${table.defaultsFunction} of the installed llama.cpp is not the one that is known.`, {
    reason: 'layout',
    function: table.defaultsFunction,
    member,
  });

/** The bytes that the library writes for its defaults. */
function writtenDefaults(library: LibraryHandle, table: StructTable): Buffer {
  const bytes = Buffer.alloc(table.size + SPARE_BYTES, UNTOUCHED);
  if (process.arch === 'x64') {
    // Large structs are returned through a pointer, which is a hidden first argument in both calling conventions of x86-64.
    (library.func(table.defaultsFunction, 'void *', ['void *']) as unknown as (to: Buffer) => unknown)(bytes);
    return bytes;
  }
  // Elsewhere the pointer has a register of its own. The struct is taken as it is declared, so the bytes behind it are not seen.
  const raw = koffi.struct({ bytes: koffi.array('uint8', table.size, 'Typed') });
  const getRaw = library.func(table.defaultsFunction, raw, []) as unknown as () => { bytes: Uint8Array };
  bytes.set(getRaw().bytes);
  return bytes;
}

function read(bytes: Buffer, offset: number, type: MemberType): number {
  switch (type) {
    case 'int32':
      return bytes.readInt32LE(offset);
    case 'uint32':
      return bytes.readUInt32LE(offset);
    case 'float':
      return bytes.readFloatLE(offset);
    case 'bool':
      return bytes.readUInt8(offset);
    case 'size_t':
    case 'void *':
      return Number(bytes.readBigUInt64LE(offset));
    default:
      return type satisfies never;
  }
}
