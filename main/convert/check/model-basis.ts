/** What the outputs of a model on this computer are predicted from: the header of its file. */
import { AppError } from '../../../preload/wire/errors.ts';
import type { GgufHeader } from '../../model-file/gguf.ts';
import { mainTypeOf, type OutputBasis } from './outputs.ts';

const floats: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16', 'F64']);

/** Whether any tensor is quantized. */
export const isQuantizedModel = ({ tensors }: GgufHeader): boolean => tensors.some(({ type }) => !floats.has(type));

/** One header with the tensors of all files of a model, whose first has the metadata. */
export function wholeHeader([first, ...others]: readonly GgufHeader[]): GgufHeader {
  if (first === undefined) throw new AppError('model.missing', 'This model has no file.');
  const sum = (of: (header: GgufHeader) => number): number => others.reduce((total, one) => total + of(one), of(first));
  return {
    ...first,
    tensors: [first, ...others].flatMap(({ tensors }) => tensors),
    tensorBytes: sum(({ tensorBytes }) => tensorBytes),
    parameterCount: sum(({ parameterCount }) => parameterCount),
  };
}

export function basisOfModel(header: GgufHeader): OutputBasis {
  const { metadata, tensors, dataOffsetBytes } = header;
  const architecture = metadata.get('general.architecture');
  return {
    architecture: typeof architecture === 'string' ? architecture : '',
    tensors: tensors.map(({ name, shape, type }) => ({ name, shape, isFloat32: type === 'F32' && shape.length < 2 })),
    metadata,
    headerBytes: dataOffsetBytes,
    // libllama adds a key or two.
    isHeaderExact: false,
    sourceType: mainTypeOf(tensors),
  };
}
