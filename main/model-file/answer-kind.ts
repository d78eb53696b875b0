/** What a model gives for a text, by its header. */
import type { GgufHeader } from './gguf.ts';

const ofArchitecture = ({ metadata }: GgufHeader, key: string): unknown => {
  const architecture = metadata.get('general.architecture');
  return typeof architecture === 'string' ? metadata.get(`${architecture}.${key}`) : undefined;
};

/** Models with a pooling make one vector of a text. Its number 0 says none. */
export function makesVectors(header: GgufHeader): boolean {
  const pooling = ofArchitecture(header, 'pooling_type');
  return typeof pooling === 'number' && pooling !== 0;
}

/** Whether the model says how likely each next token is. Encoders see the whole text at once and say nothing of the kind. */
export function continuesText(header: GgufHeader): boolean {
  return !makesVectors(header) && ofArchitecture(header, 'attention.causal') !== false;
}
