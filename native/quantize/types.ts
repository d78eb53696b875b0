/** Names of file types and tensor types as llama.cpp 0.4.0 numbers them, and which of them need an importance matrix. */
import { fileTypeName, ggmlTypes } from '../../main/model-file/ggml-types.ts';
import { refused } from './errors.ts';

/** The largest number of llama_ftype. */
const LAST_FILE_TYPE = 41;

/** The number of a file type in llama_ftype. @throws AppError `convert.unsupported` (`reason: 'tensor_type'`). */
export function fileTypeNumber(name: string): number {
  for (let number = 0; number <= LAST_FILE_TYPE; number++) if (fileTypeName(number) === name) return number;
  throw refused('tensor_type', `There is no file type ${name}.`, { type: name });
}

/** The number of a tensor type in ggml_type. @throws AppError `convert.unsupported` (`reason: 'tensor_type'`). */
export function tensorTypeNumber(name: string): number {
  for (const [number, type] of ggmlTypes) if (type.name === name) return number;
  throw refused('tensor_type', `There is no tensor type ${name}.`, { type: name });
}

const isTensorName = (name: string): boolean => [...ggmlTypes.values()].some((type) => type.name === name);

/** The name of a tensor type as llama.cpp logs it (`q4_K`), in the spelling of files (`Q4_K`). */
export function tensorTypeFromLog(logged: string): string {
  const name = logged.toUpperCase();
  if (!isTensorName(name)) throw refused('tensor_type', `llama.cpp named the unknown tensor type ${logged}.`);
  return name;
}

/** Types with blocks: values that were rounded already. */
export function isQuantizedType(name: string): boolean {
  for (const type of ggmlTypes.values()) if (type.name === name) return type.blockSize > 1;
  return false;
}

const neverWithout: ReadonlySet<string> = new Set(['IQ3_XXS', 'IQ2_XXS', 'IQ2_XS', 'IQ2_S', 'IQ1_M', 'IQ1_S']);
const exempt: ReadonlySet<string> = new Set(['token_embd.weight', 'per_layer_token_embd.weight', 'output.weight']);

/** Whether llama.cpp refuses to give a tensor this type without importances for it: the rule of its `tensor_requires_imatrix`. */
export function requiresImatrix(tensorName: string, type: string, fileType: string): boolean {
  if (exempt.has(tensorName)) return false;
  return neverWithout.has(type) || (type === 'Q2_K' && fileType === 'Q2_K_S');
}
