/** What is added to the logits of single tokens: the request's biases, and the ends of a turn that come too early. */
import { TokenBias } from 'node-llama-cpp';
import type { LlamaModel, Token } from 'node-llama-cpp';
import type { Sampling } from '../../../../preload/contract/chat.ts';
import { checkToken, vocabularySize } from '../prompt/token-texts.ts';

export interface ReplyBias {
  /** The biases for the next token. */
  ofNext(): TokenBias;
  /** To be called with every token of the reply. */
  accept(): void;
}

/** The biases of one reply; undefined for none. @throws AppError `invalid_input` for a token that the vocabulary has not. */
export function createBias(model: LlamaModel, { logitBias = [], minTokens = 0 }: Sampling): ReplyBias | undefined {
  if (logitBias.length === 0 && minTokens === 0) return undefined;
  const always = biasOf(model, logitBias);
  const early = minTokens === 0 ? always : biasOf(model, logitBias);
  if (minTokens > 0) for (const token of turnEnds(model)) setLogit(early, token, -Infinity);
  let tokens = 0;
  return {
    ofNext: () => (tokens < minTokens ? early : always),
    accept: () => void tokens++,
  };
}

function biasOf(model: LlamaModel, biases: NonNullable<Sampling['logitBias']>): TokenBias {
  const made = new TokenBias(model.tokenizer);
  const size = vocabularySize(model);
  for (const one of biases) {
    const logit = one.bias <= -100 ? -Infinity : one.bias;
    if ('text' in one) made.set(one.text, { logit });
    else {
      checkToken(one.token, size, 'logitBias');
      setLogit(made, one.token as Token, logit);
    }
  }
  return made;
}

/** The library's own way leaves out the tokens that end a turn, and programs mean just those. */
function setLogit(bias: TokenBias, token: Token, logit: number): void {
  (Reflect.get(bias, '_biases') as Map<Token, number>).set(token, logit);
}

const ends = new WeakMap<LlamaModel, readonly Token[]>();

/** All tokens that end a turn. */
function turnEnds(model: LlamaModel): readonly Token[] {
  const known = ends.get(model) ?? [...model.iterateAllTokens()].filter((token) => model.isEogToken(token));
  ends.set(model, known);
  return known;
}
