/**
 * What a family of models is: its names, what its config.json means, and a table that says where each tensor of the GGUF file comes
 * from. A family is one file of `families/` with one `Architecture`; `registry.ts` lists them.
 */
import type { GgufEntryValue } from '../../model-file/gguf-entry.ts';
import type { Config } from './config.ts';

export interface Architecture {
  /** Names in `architectures` of config.json. */
  readonly classes: readonly string[];
  /** What checkpoints may put before the names of the tensors, such as `model.`; at most one of them is taken off a name. */
  readonly prefixes: readonly string[];
  /** Reads config.json. @throws AppError `convert.invalid` or `convert.unsupported` for values that no model can have. */
  readonly describe: (config: Config, surroundings: Surroundings) => Description;
  readonly rows: readonly TensorRow[];
  /** Tensors without a place in the GGUF file, such as buffers. `{layer}` stands for a number, `*` at the end for any rest. */
  readonly ignored: readonly string[];
}

/** What other files of a checkpoint say that an architecture's metadata depends on. */
export interface Surroundings {
  /** How token vectors become one, by `1_Pooling/config.json`; null without one. */
  readonly pooling: 'mean' | 'cls' | 'last' | null;
  /** The entries of the vocabulary that the GGUF file gets; null while it is not known. */
  readonly tokenCount: number | null;
}

/** The meaning of a config.json. */
export interface Description {
  /** `general.architecture`, and what stands before the dot of the keys in `metadata`. */
  readonly name: string;
  /** The numbers that shapes are written with. `layers` is always there. */
  readonly sizes: Readonly<Record<string, number>> & { readonly layers: number };
  /** Which rows the model has, by the names in `TensorRow.when`. `untied` says that it needs a head with weights of its own. */
  readonly conditions: Readonly<Record<string, Condition>>;
  /** Keys without the architecture's name; those that start with `general.` or `tokenizer.` are whole. */
  readonly metadata: readonly MetadataEntry[];
  /** Tensors that follow from config.json alone. */
  readonly computed: readonly ComputedTensor[];
  /** False where the reference converter writes no `general.file_type`. */
  readonly hasFileType?: false;
}

/** True for the whole model, or for single layers, counted from 0. */
export type Condition = boolean | ((layer: number) => boolean);

export type MetadataEntry = { readonly key: string } & GgufEntryValue;

export interface ComputedTensor {
  readonly name: string;
  readonly values: Float32Array;
}

/**
 * A tensor, or one in each layer.
 *
 * @example
 * { from: 'layers.{layer}.self_attn.q_proj.weight', to: 'blk.{layer}.attn_q.weight', shape: ['heads*headSize', 'hidden'] }
 */
export interface TensorRow {
  /**
   * The name in the checkpoint after its prefix is taken off; of several names the first that is there counts. `{layer}` stands for the
   * number of a layer, `{item}` for the number of a stacked tensor.
   */
  readonly from: string | readonly string[];
  /** The name in the GGUF file; null for a tensor that is checked and left out. */
  readonly to: string | null;
  /** The shape in the checkpoint, the slowest dimension first. */
  readonly shape: readonly Size[];
  /** What becomes of its values; without it they stay as they are. */
  readonly change?: Change;
  /** The row counts only where this condition of the description is true; with `!` before its name, where it is false. */
  readonly when?: string;
  /** The model works without this tensor. */
  readonly isOptional?: true;
  /** The name never has a prefix, as that of a head beside the model's body. */
  readonly isBesidePrefix?: true;
}

/** A number of `Description.sizes`, a whole number, or sums and products of them: `heads*headSize`, `2*feedForward+hidden`. */
export type Size = string;

export type Change =
  /** Columns become rows, as GPT-2's Conv1D needs. */
  | { readonly kind: 'transposed' }
  /** Each head's first and second half are interleaved: llama.cpp rotates neighbors where transformers rotates halves. */
  | { readonly kind: 'interleaved'; readonly heads: Size }
  /**
   * The rows lie in `groups` groups, each with `parts` of so many rows; the first part of all groups is written first, then the second.
   * With `take` only that part is written.
   */
  | { readonly kind: 'regrouped'; readonly groups: Size; readonly parts: readonly Size[]; readonly take?: number }
  /** `count` tensors with `{item}` in their names become one with a further dimension. */
  | { readonly kind: 'stacked'; readonly count: Size }
  /**
   * The rows lie in `count` blocks of equally many, which become a further dimension; with `isTransposed` the columns of each block become
   * its rows.
   */
  | { readonly kind: 'divided'; readonly count: Size; readonly isTransposed?: true }
  /** The rows from `first` on, `count` of them. */
  | { readonly kind: 'sliced'; readonly first: Size; readonly count: Size }
  /** A number is added to each value. */
  | { readonly kind: 'added'; readonly value: number };
