/** The types that a conversion writes, tensor by tensor, as the reference converter of llama.cpp chooses them. */
import { directTypes, type DirectType } from '../../../preload/contract/convert.ts';
import type { PlannedTensor } from './planned-tensor.ts';

/** What can be written directly. Other types are made of such a file by quantizing it. */
export const outputTypes = directTypes;
export type OutputType = DirectType;

/** `general.file_type`: numbers of llama.cpp's `llama_ftype`. */
export const fileTypeNumbers: Readonly<Record<OutputType, number>> = { F32: 0, F16: 1, BF16: 32, Q8_0: 7 };

/** Values that share a scale in Q8_0. */
const Q8_0_BLOCK = 32;

/** Tensors with several dimensions that llama.cpp computes with in F32 only. */
const float32Names =
  /^(?:position_embd\.weight|token_types\.weight|blk\.\d+\.(?:ffn_gate_inp|ffn_gate_inp_shexp|ssm_conv1d|shortconv\.conv)\.weight)$/;

/** Whether a tensor is F32 in a file of any type: one dimension, norms, routers of experts, positions, and what is no weight. */
export function staysFloat32(name: string, dimensions: number): boolean {
  return dimensions <= 1 || name.endsWith('_norm.weight') || !name.endsWith('.weight') || float32Names.test(name);
}

/** The type of a tensor in a file of `outputType`. A Q8_0 file has rows in F16 that are no multiple of a block. */
export function typeOf(tensor: Pick<PlannedTensor, 'isFloat32' | 'shape'>, outputType: OutputType): OutputType {
  if (tensor.isFloat32) return 'F32';
  return outputType !== 'Q8_0' || (tensor.shape[0] ?? 1) % Q8_0_BLOCK === 0 ? outputType : 'F16';
}
