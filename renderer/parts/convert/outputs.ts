/** The outputs of a conversion as they are offered. */
import { usualTypes, type ConversionOutput, type OutputType } from '../../../preload/contract/convert.ts';
import { LEAST_PREDICTED_BYTES } from '../../../preload/contract/speed.ts';

/** The outputs to show at once, in their order: the usual ones, the recommended one, the source's own type and those of `also`. */
export function usualOutputs(
  outputs: readonly ConversionOutput[],
  also: Iterable<OutputType> = [],
): readonly ConversionOutput[] {
  const wanted = new Set(also);
  return outputs.filter(
    ({ type, purpose, isRecommended }) =>
      usualTypes.includes(type) || purpose === 'as_source' || isRecommended || wanted.has(type),
  );
}

/** What is to be said of the outputs' speeds: why there is none, or that they are estimates. Null where a model was measured here. */
export function speedNote(
  outputs: readonly Pick<ConversionOutput, 'fit'>[],
): 'estimated' | 'on_gpu' | 'small' | 'not_measured' | null {
  if (outputs.some(({ fit }) => fit.isSpeedEstimated)) return 'estimated';
  if (outputs.length === 0 || outputs.some(({ fit }) => fit.tokensPerSecond !== null)) return null;
  if (outputs.some(({ fit }) => fit.gpuLayers > 0)) return 'on_gpu';
  return outputs.every(({ fit }) => fit.weightsBytes < LEAST_PREDICTED_BYTES) ? 'small' : 'not_measured';
}

/** The output that is chosen at the beginning: the wanted one, else the recommended one, else the usual one, else the first. */
export function firstOutput(
  outputs: readonly ConversionOutput[],
  wanted: OutputType | null,
): ConversionOutput | undefined {
  return (
    outputs.find(({ type }) => type === wanted) ??
    outputs.find(({ isRecommended }) => isRecommended) ??
    outputs.find(({ type }) => type === 'Q4_K_M') ??
    outputs[0]
  );
}
