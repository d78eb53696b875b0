/** The process of a tokenizer child: plain Node with one tokenizer, which takes seconds to make of a large vocabulary. */
import { AppError } from '../../../preload/wire/errors.ts';
import type { CallContext, Handlers } from '../../../preload/wire/rpc.ts';
import { serveApp, startLifeline } from '../../process/serve-app.ts';
import { createHuggingFaceTokenizer, type TextTokenizer } from './hugging-face-tokenizer.ts';
import { tokenizerContract, type TokenizerContract } from './tokenizer-protocol.ts';

startLifeline();

let opened: TextTokenizer | null = null;

function tokenizer(): TextTokenizer {
  if (opened === null) throw new AppError('internal', 'This process has no tokenizer yet.');
  return opened;
}

const handlers: Handlers<TokenizerContract, CallContext> = {
  ping: () => null,
  open({ files }) {
    opened = createHuggingFaceTokenizer(files);
    return null;
  },
  structure: () => tokenizer().structure,
  encode: ({ texts, addSpecialTokens }) => ({
    results: texts.map((text) => ({ tokens: tokenizer().encode(text, addSpecialTokens) })),
    vocabularySize: tokenizer().vocabularySize,
  }),
  decode: ({ batch, skipSpecialTokens }) => batch.map((ids) => tokenizer().decode(ids, skipSpecialTokens)),
};

serveApp(tokenizerContract, handlers);
