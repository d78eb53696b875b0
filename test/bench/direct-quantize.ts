/** Quantizes with the library alone: `node direct-quantize.ts INPUT OUTPUT FILE_TYPE_NUMBER THREADS`. What Hearth's way is compared with. */
import koffi from 'koffi';
import { librariesFolder, libraryFiles } from '../../native/library/release.ts';

const [input, output, fileType, threads] = process.argv.slice(2);
const files = libraryFiles(librariesFolder());
koffi.load(files.ggmlBase, { global: true });
koffi.load(files.ggml, { global: true });
const llama = koffi.load(files.llama);
const parameters = koffi.struct({
  threads: 'int32',
  fileType: 'int32',
  types: koffi.array('int32', 2),
  flags: koffi.array('bool', 6),
  arrays: koffi.array('void *', 4),
  bufferBytes: 'size_t',
});
// Without a logger of its own, what it prints is dropped with standard error.
const defaults = llama.func('llama_model_quantize_default_params', parameters, [])() as object;
const quantize = llama.func('llama_model_quantize', 'uint32', ['str', 'str', koffi.pointer(parameters)]);
process.exit(Number(quantize(input, output, { ...defaults, threads: Number(threads), fileType: Number(fileType) })));
