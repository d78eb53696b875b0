/** Texts that are cut to so many tokens, for what sends more than the context holds. */
import { isAppError } from '../../preload/wire/errors.ts';
import type { OpenOrder, Renderable, Rendered, TextToken, TokenizeOptions } from './provider.ts';

interface Model {
  readonly inference: {
    render(modelId: string, what: Renderable, order?: OpenOrder): Promise<Rendered>;
    tokenize(
      modelId: string,
      text: string,
      options: TokenizeOptions & { readonly order?: OpenOrder },
    ): Promise<{ readonly tokens: readonly TextToken[] }>;
  };
  readonly modelId: string;
  readonly opening: OpenOrder;
}

/** The tokens that a conversation of a model can have; infinite where a provider elsewhere does not tell. Loads the model when needed. */
export async function contextSizeOf({ inference, modelId, opening }: Model): Promise<number> {
  try {
    return (await inference.render(modelId, { input: { rawPrompt: 'a' } }, opening)).contextSize ?? Infinity;
  } catch (error) {
    if (isAppError(error) && error.code === 'unsupported') return Infinity;
    throw error;
  }
}

export interface Cuttable {
  readonly count: number;
  /** The text of the last or the first tokens, without half characters at the cut. */
  last(most: number): string;
  first(most: number): string;
}

/** A text with its tokens, in which special ones count as such; uncounted for a context of unknown size. Throws as `tokenize`. */
export async function cuttable(
  { inference, modelId, opening }: Model,
  text: string,
  contextSize: number,
): Promise<Cuttable> {
  if (text === '' || contextSize === Infinity) return { count: 0, last: () => text, first: () => text };
  const { tokens } = await inference.tokenize(modelId, text, { special: true, order: opening });
  const textOf = (some: typeof tokens): string =>
    Buffer.concat(some.map((token) => Buffer.from(token.bytes ?? Buffer.from(token.text)))).toString();
  return {
    count: tokens.length,
    last: (most) =>
      most >= tokens.length ? text : textOf(tokens.slice(tokens.length - Math.max(0, most))).replace(/^\uFFFD+/, ''),
    first: (most) =>
      most >= tokens.length ? text : textOf(tokens.slice(0, Math.max(0, most))).replace(/\uFFFD+$/, ''),
  };
}
