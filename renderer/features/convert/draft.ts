/** What was chosen in the sheet, what is wrong with it, and what main is asked for. */
import {
  isDirectType,
  type ConversionOutput,
  type ImatrixChoice,
  type OutputType,
  type QuantizeOptions,
  type TensorType,
} from '../../../preload/contract/convert.ts';
import { ownTextProblem } from '../../parts/convert/own-text.ts';
import { readLayers } from './layer-list.ts';

/** `default`: the text that the app brings. `file`: a matrix in the list of models. */
export type MatrixKind = 'none' | 'default' | 'own' | 'file';

export interface TensorRule {
  readonly key: number;
  readonly pattern: string;
  readonly type: TensorType;
}

export interface Draft {
  readonly type: OutputType;
  readonly keepSource: boolean;
  /** Null until it is chosen: then the output decides. */
  readonly matrix: MatrixKind | null;
  readonly matrixText: string;
  readonly matrixId: string | null;
  readonly pure: boolean;
  readonly outputTensorType: TensorType | null;
  readonly embeddingTensorType: TensorType | null;
  readonly rules: readonly TensorRule[];
  /** As it was typed. */
  readonly prune: string;
  readonly allowRequantize: boolean;
}

export const emptyDraft: Omit<Draft, 'type'> = {
  keepSource: false,
  matrix: null,
  matrixText: '',
  matrixId: null,
  pure: false,
  outputTensorType: null,
  embeddingTensorType: null,
  rules: [],
  prune: '',
  allowRequantize: false,
};

/** As many as main takes. */
const MAX_RULES = 64;

/** The matrix that is used: what was chosen, unless the output needs one and none was. */
export function matrixOf({ matrix }: Draft, output: Pick<ConversionOutput, 'imatrix'>): MatrixKind {
  if (output.imatrix === 'required' && (matrix === null || matrix === 'none')) return 'default';
  return matrix ?? 'none';
}

/** Why it cannot be started: the field that is wrong. Null where it can. */
export type DraftProblem = 'matrix_text' | 'matrix_text_long' | 'matrix_file' | 'rules' | 'prune' | 'requantize';

export function problemOf(
  draft: Draft,
  output: Pick<ConversionOutput, 'imatrix'>,
  model: { readonly layerCount: number | null; readonly isQuantized: boolean },
): DraftProblem | null {
  const matrix = matrixOf(draft, output);
  const textProblem = matrix === 'own' ? ownTextProblem(draft.matrixText) : null;
  if (textProblem !== null) return textProblem === 'empty' ? 'matrix_text' : 'matrix_text_long';
  if (matrix === 'file' && draft.matrixId === null) return 'matrix_file';
  if (draft.rules.length > MAX_RULES || draft.rules.some(({ pattern }) => !isPattern(pattern))) return 'rules';
  if (readLayers(draft.prune, model.layerCount).problem !== null) return 'prune';
  if (model.isQuantized && !draft.allowRequantize) return 'requantize';
  return null;
}

/** Whether a text is a regular expression; an empty one matches everything, which is hardly meant. */
export function isPattern(text: string): boolean {
  if (text === '' || text.length > 200) return false;
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** What main is asked for. A draft without a problem is expected. */
export function optionsOf(
  draft: Draft,
  output: Pick<ConversionOutput, 'imatrix'>,
  layerCount: number | null,
): QuantizeOptions {
  return {
    pure: draft.pure,
    outputTensorType: draft.outputTensorType,
    embeddingTensorType: draft.embeddingTensorType,
    tensorTypes: draft.rules.map(({ pattern, type }) => ({ pattern, type })),
    pruneLayers: [...readLayers(draft.prune, layerCount).layers],
    imatrix: imatrixOf(draft, matrixOf(draft, output)),
    allowRequantize: draft.allowRequantize,
  };
}

function imatrixOf({ matrixText, matrixId }: Draft, kind: MatrixKind): ImatrixChoice {
  switch (kind) {
    case 'none':
      return { kind: 'none' };
    case 'default':
      return { kind: 'text', text: null };
    case 'own':
      return { kind: 'text', text: matrixText };
    case 'file':
      return matrixId === null ? { kind: 'none' } : { kind: 'file', modelId: matrixId };
    default:
      return kind satisfies never;
  }
}

/** Whether a conversion gives the output by itself: the type is one of its own, and nothing else is asked for. */
export function isDirect(type: OutputType, options: QuantizeOptions): boolean {
  return (
    isDirectType(type) &&
    !options.pure &&
    options.outputTensorType === null &&
    options.embeddingTensorType === null &&
    options.tensorTypes.length === 0 &&
    options.pruneLayers.length === 0
  );
}
