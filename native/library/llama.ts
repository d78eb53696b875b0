/**
 * The libraries of llama.cpp that node-llama-cpp ships, opened in this process, with the functions that Hearth calls. Only the native
 * child opens them: a crash of C code ends its process.
 */
import koffi, { type LibraryHandle } from 'koffi';
import { bind, type Pointer } from './functions.ts';
import { openLog, type LlamaLog } from './log.ts';
import { librariesFolder, libraryFiles } from './release.ts';
import { checkedStruct, structTables, type StructValue } from './structs.ts';
import { AppError } from '../../preload/wire/errors.ts';

export type Llama = ReturnType<typeof openLlama>;

/**
 * Opens the libraries in `folder`, which belong to the installed node-llama-cpp by default.
 * @throws AppError `unsupported` when they are of a release, or have a layout, that is not known.
 */
export function openLlama(folder = librariesFolder()) {
  const files = libraryFiles(folder);
  // Each library finds the one before it under its name among those that are open.
  const base = koffi.load(files.ggmlBase, { global: true });
  const ggml = koffi.load(files.ggml, { global: true });
  const library = koffi.load(files.llama, { global: true });
  const version = bind<[], string>(library, 'llama_version', 'str', [])();
  if (version.replace(/-.*/, '') !== files.release)
    throw new AppError('unsupported', `The library of llama.cpp ${files.release} says that it is ${version}.`, {
      reason: 'release',
      release: version.slice(0, 40),
    });
  const log: LlamaLog = openLog(library);
  const structs = {
    quantizeParams: checkedStruct(library, structTables.quantizeParams),
    modelParams: checkedStruct(library, structTables.modelParams),
    contextParams: checkedStruct(library, structTables.contextParams),
  };
  const loadBackends = bind<[string], void>(ggml, 'ggml_backend_load_all_from_path', 'void', ['str']);
  const initialize = bind<[], void>(library, 'llama_backend_init', 'void', []);
  let isStarted = false;
  return {
    release: files.release,
    log,
    structs,
    base: bindBase(base),
    ...bindLlama(library, structs),
    /** Finds what can compute on this machine. Quantizing needs none of it. */
    startBackends(): void {
      if (isStarted) return;
      loadBackends(folder);
      initialize();
      isStarted = true;
    },
  } as const;
}

interface Structs {
  readonly quantizeParams: ReturnType<typeof checkedStruct>;
  readonly modelParams: ReturnType<typeof checkedStruct>;
  readonly contextParams: ReturnType<typeof checkedStruct>;
}

/** Part of libggml-base: types, tensors and GGUF files. Signatures: ggml.h, gguf.h. */
function bindBase(base: LibraryHandle) {
  const initParams = koffi.struct({ mem_size: 'size_t', mem_buffer: 'void *', no_alloc: 'bool' });
  const ggufParams = koffi.struct({ no_alloc: 'bool', ctx: 'void *' });
  return {
    init: bind<[StructValue], Pointer>(base, 'ggml_init', 'void *', [initParams]),
    free: bind<[Pointer], void>(base, 'ggml_free', 'void', ['void *']),
    tensorOverhead: bind<[], number>(base, 'ggml_tensor_overhead', 'size_t', []),
    newTensor: bind<[Pointer, number, number, BigInt64Array], Pointer>(base, 'ggml_new_tensor', 'void *', [
      'void *',
      'int32',
      'int32',
      'void *',
    ]),
    setName: bind<[Pointer, string], Pointer>(base, 'ggml_set_name', 'void *', ['void *', 'str']),
    sizeBytes: bind<[Pointer], number>(base, 'ggml_nbytes', 'size_t', ['void *']),
    isHostBuffer: bind<[Pointer], boolean>(base, 'ggml_backend_buffer_is_host', 'bool', ['void *']),
    getTensor: bind<[Pointer, Uint8Array, number, number], void>(base, 'ggml_backend_tensor_get', 'void', [
      'void *',
      'void *',
      'size_t',
      'size_t',
    ]),
    mulMat: bind<[Pointer, Pointer, Pointer], Pointer>(base, 'ggml_mul_mat', 'void *', ['void *', 'void *', 'void *']),
    mulMatId: bind<[Pointer, Pointer, Pointer, Pointer], Pointer>(base, 'ggml_mul_mat_id', 'void *', [
      'void *',
      'void *',
      'void *',
      'void *',
    ]),
    /** Quantizes rows of F32 values, and answers the bytes that it wrote. */
    quantizeChunk: bind<[number, Float32Array, Uint8Array, number, number, number, Float32Array | null], number>(
      base,
      'ggml_quantize_chunk',
      'size_t',
      ['int32', 'void *', 'void *', 'int64', 'int64', 'int64', 'void *'],
    ),
    gguf: {
      open: bind<[string, StructValue], Pointer>(base, 'gguf_init_from_file', 'void *', ['str', ggufParams]),
      empty: bind<[], Pointer>(base, 'gguf_init_empty', 'void *', []),
      free: bind<[Pointer], void>(base, 'gguf_free', 'void', ['void *']),
      copyEntries: bind<[Pointer, Pointer], void>(base, 'gguf_set_kv', 'void', ['void *', 'void *']),
      setUint16: bind<[Pointer, string, number], void>(base, 'gguf_set_val_u16', 'void', ['void *', 'str', 'uint16']),
      setUint32: bind<[Pointer, string, number], void>(base, 'gguf_set_val_u32', 'void', ['void *', 'str', 'uint32']),
      setInt32: bind<[Pointer, string, number], void>(base, 'gguf_set_val_i32', 'void', ['void *', 'str', 'int32']),
      setText: bind<[Pointer, string, string], void>(base, 'gguf_set_val_str', 'void', ['void *', 'str', 'str']),
      removeKey: bind<[Pointer, string], number>(base, 'gguf_remove_key', 'int64', ['void *', 'str']),
      addTensor: bind<[Pointer, Pointer], void>(base, 'gguf_add_tensor', 'void', ['void *', 'void *']),
      headerBytes: bind<[Pointer], number>(base, 'gguf_get_meta_size', 'size_t', ['void *']),
    },
  } as const;
}

/** Part of libllama. Signatures: llama.h. */
function bindLlama(library: LibraryHandle, structs: Structs) {
  const batch = koffi.struct({
    n_tokens: 'int32',
    token: 'void *',
    embd: 'void *',
    pos: 'void *',
    n_seq_id: 'void *',
    seq_id: 'void *',
    logits: 'void *',
  });
  return {
    quantize: bind<[string, string, StructValue], number>(library, 'llama_model_quantize', 'uint32', [
      'str',
      'str',
      koffi.pointer(structs.quantizeParams.type),
    ]),
    loadModel: bind<[string, StructValue], Pointer>(library, 'llama_model_load_from_file', 'void *', [
      'str',
      structs.modelParams.type,
    ]),
    freeModel: bind<[Pointer], void>(library, 'llama_model_free', 'void', ['void *']),
    createContext: bind<[Pointer, StructValue], Pointer>(library, 'llama_init_from_model', 'void *', [
      'void *',
      structs.contextParams.type,
    ]),
    freeContext: bind<[Pointer], void>(library, 'llama_free', 'void', ['void *']),
    vocabularyOf: bind<[Pointer], Pointer>(library, 'llama_model_get_vocab', 'void *', ['void *']),
    hasEncoder: bind<[Pointer], boolean>(library, 'llama_model_has_encoder', 'bool', ['void *']),
    hasDecoder: bind<[Pointer], boolean>(library, 'llama_model_has_decoder', 'bool', ['void *']),
    trainedContextSize: bind<[Pointer], number>(library, 'llama_model_n_ctx_train', 'int32', ['void *']),
    vocabularySize: bind<[Pointer], number>(library, 'llama_vocab_n_tokens', 'int32', ['void *']),
    addsBos: bind<[Pointer], boolean>(library, 'llama_vocab_get_add_bos', 'bool', ['void *']),
    addsEos: bind<[Pointer], boolean>(library, 'llama_vocab_get_add_eos', 'bool', ['void *']),
    bosToken: bind<[Pointer], number>(library, 'llama_vocab_bos', 'int32', ['void *']),
    vocabularyType: bind<[Pointer], number>(library, 'llama_vocab_type', 'int32', ['void *']),
    /** Its entry in the file's table. */
    tokenText: bind<[Pointer, number], string>(library, 'llama_vocab_get_text', 'str', ['void *', 'int32']),
    /** Bits of llama_token_attr. */
    tokenAttributes: bind<[Pointer, number], number>(library, 'llama_vocab_get_attr', 'int32', ['void *', 'int32']),
    /** Writes the bytes that a token stands for, and answers their number; negative where there is no room for as many. */
    pieceOf: bind<[Pointer, number, Uint8Array, number, number, boolean], number>(
      library,
      'llama_token_to_piece',
      'int32',
      ['void *', 'int32', 'void *', 'int32', 'int32', 'bool'],
    ),
    /** Writes the text of tokens, and answers its bytes; negative where there is no room for as many. */
    detokenize: bind<[Pointer, Int32Array, number, Uint8Array, number, boolean, boolean], number>(
      library,
      'llama_detokenize',
      'int32',
      ['void *', 'void *', 'int32', 'void *', 'int32', 'bool', 'bool'],
    ),
    tokenize: bind<[Pointer, Uint8Array, number, Int32Array, number, boolean, boolean], number>(
      library,
      'llama_tokenize',
      'int32',
      ['void *', 'void *', 'int32', 'void *', 'int32', 'bool', 'bool'],
    ),
    setThreads: bind<[Pointer, number, number], void>(library, 'llama_set_n_threads', 'void', [
      'void *',
      'int32',
      'int32',
    ]),
    memoryOf: bind<[Pointer], Pointer>(library, 'llama_get_memory', 'void *', ['void *']),
    clearMemory: bind<[Pointer, boolean], void>(library, 'llama_memory_clear', 'void', ['void *', 'bool']),
    batchOfOne: bind<[Pointer, number], StructValue>(library, 'llama_batch_get_one', batch, ['void *', 'int32']),
    decode: bind<[Pointer, StructValue], number>(library, 'llama_decode', 'int32', ['void *', batch]),
    logits: bind<[Pointer], Pointer>(library, 'llama_get_logits', 'void *', ['void *']),
  } as const;
}
