/** What was chosen in the sheet, what is wrong with it, and what main is asked for. */
import {
  needsQuantizing,
  quantizeLimits,
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

/** What the output decides about the options. */
type ChosenOutput = Pick<ConversionOutput, 'type' | 'imatrix'>;

/** Whether an importance matrix changes anything: an output that is not quantized keeps every weight alike. */
export function takesMatrix(draft: Draft, { type }: Pick<ConversionOutput, 'type'>): boolean {
  return needsQuantizing(type, { ...tensorOptionsOf(draft, null), imatrix: { kind: 'text', text: null } });
}

/** The matrix that is used: what was chosen, unless the output needs one and none was, or makes no use of any. */
export function matrixOf(draft: Draft, output: ChosenOutput): MatrixKind {
  const { matrix } = draft;
  if (!takesMatrix(draft, output)) return 'none';
  if (output.imatrix === 'required' && (matrix === null || matrix === 'none')) return 'default';
  return matrix ?? 'none';
}

/** Why it cannot be started: the field that is wrong. Null where it can. */
export type DraftProblem =
  'matrix_text' | 'matrix_text_long' | 'matrix_file' | 'rule_empty' | 'rules' | 'prune' | 'requantize';

export function problemOf(
  draft: Draft,
  output: ChosenOutput,
  model: { readonly layerCount: number | null; readonly isQuantized: boolean },
): DraftProblem | null {
  const matrix = matrixOf(draft, output);
  const textProblem = matrix === 'own' ? ownTextProblem(draft.matrixText) : null;
  if (textProblem !== null) return textProblem === 'empty' ? 'matrix_text' : 'matrix_text_long';
  if (matrix === 'file' && draft.matrixId === null) return 'matrix_file';
  if (draft.rules.some(({ pattern }) => pattern === '')) return 'rule_empty';
  if (draft.rules.length > quantizeLimits.rules || draft.rules.some(({ pattern }) => !isPattern(pattern)))
    return 'rules';
  if (readLayers(draft.prune, model.layerCount).problem !== null) return 'prune';
  if (model.isQuantized && !draft.allowRequantize) return 'requantize';
  return null;
}

/** Whether a text is a regular expression; an empty one matches everything, which is hardly meant. */
export function isPattern(text: string): boolean {
  if (text === '' || text.length > quantizeLimits.patternLength) return false;
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** What main is asked for. A draft without a problem is expected. */
export function optionsOf(draft: Draft, output: ChosenOutput, layerCount: number | null): QuantizeOptions {
  return { ...tensorOptionsOf(draft, layerCount), imatrix: imatrixOf(draft, matrixOf(draft, output)) };
}

function tensorOptionsOf(draft: Draft, layerCount: number | null): Omit<QuantizeOptions, 'imatrix'> {
  return {
    pure: draft.pure,
    outputTensorType: draft.outputTensorType,
    embeddingTensorType: draft.embeddingTensorType,
    tensorTypes: draft.rules.map(({ pattern, type }) => ({ pattern, type })),
    pruneLayers: [...readLayers(draft.prune, layerCount).layers],
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
