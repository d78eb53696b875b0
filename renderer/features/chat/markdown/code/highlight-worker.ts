/** A thread that finds the tokens of code. Coloring costs about a millisecond per thousand characters, which a page that is read cannot spare. */
import hljs from 'highlight.js/lib/common';
import dart from 'highlight.js/lib/languages/dart';
import dockerfile from 'highlight.js/lib/languages/dockerfile';
import elixir from 'highlight.js/lib/languages/elixir';
import haskell from 'highlight.js/lib/languages/haskell';
import julia from 'highlight.js/lib/languages/julia';
import latex from 'highlight.js/lib/languages/latex';
import nginx from 'highlight.js/lib/languages/nginx';
import powershell from 'highlight.js/lib/languages/powershell';
import scala from 'highlight.js/lib/languages/scala';
import { tokensOf } from './tokens-of-html.ts';
import type { HighlightAnswer, HighlightRequest } from './token-kinds.ts';

for (const [name, language] of Object.entries({
  ...{ dart, dockerfile, elixir, haskell, julia, latex, nginx, powershell, scala },
}))
  hljs.registerLanguage(name, language);

addEventListener('message', ({ data }: MessageEvent<HighlightRequest>) => {
  const { id, language, code } = data;
  const isKnown = hljs.getLanguage(language) !== undefined;
  const tokens = isKnown ? tokensOf(hljs.highlight(code, { language, ignoreIllegals: true }).value) : null;
  const answer: HighlightAnswer = { id, tokens };
  postMessage(answer);
});
