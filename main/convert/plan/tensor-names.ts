/** Names of tensors in checkpoints, without what differs between the classes that a model was saved from. */
import type { Architecture } from '../architectures/architecture.ts';

/** Parts of models that take more than text; a text model's GGUF file leaves them out. */
const otherSenses =
  /^(?:model\.)?(?:vision_tower|vision_model|vision_encoder|visual|multi_modal_projector|mm_projector|audio_tower|audio_model|connector|embed_vision|embed_audio)\./;

/**
 * The name that the rows of `architecture` use: `model.language_model.layers.0...` and `language_model.model.layers.0...` become
 * `layers.0...`.
 */
export function plainName(name: string, { prefixes }: Architecture): string {
  const inner = name.replace('language_model.', '');
  const prefix = prefixes.find((one) => inner.startsWith(one));
  return prefix === undefined ? inner : inner.slice(prefix.length);
}

/** The names that `plainName` gives to what becomes the tensor `to` of the GGUF file. */
export const sourceNames = ({ rows }: Architecture, to: string): readonly string[] =>
  rows.flatMap((row) => (row.to === to ? row.from : []));

/** What the names of this checkpoint's own tensors begin with, such as `model.`, for a message about one that is not there. */
export function prefixOf(tensors: readonly { readonly name: string }[], architecture: Architecture): string {
  for (const { name } of tensors) {
    const plain = plainName(name, architecture);
    if (plain !== name && name.endsWith(plain)) return name.slice(0, name.length - plain.length);
  }
  return '';
}

/** True for a tensor that only pictures or sounds need. */
export const isOfOtherSenses = (name: string): boolean => otherSenses.test(name);

/** A test for plain names against patterns, where `{layer}` stands for a number and `*` for any text. */
export function createNameTest(patterns: readonly string[]): (plain: string) => boolean {
  if (patterns.length === 0) return () => false;
  const sources = patterns.map((pattern) =>
    pattern
      .split(/(\{layer\}|\*)/)
      .map((piece) =>
        piece === '{layer}' ? '\\d+' : piece === '*' ? '.*' : piece.replace(/[$()+.?[\\\]^{|}]/g, String.raw`\$&`),
      )
      .join(''),
  );
  const test = new RegExp(`^(?:${sources.join('|')})$`);
  return (plain) => test.test(plain);
}
