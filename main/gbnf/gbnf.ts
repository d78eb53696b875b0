/** Grammars in GBNF: reading them as llama.cpp does, what they would cost there, and where a text is none. The entry of this folder. */
import { readGrammar } from './read-grammar.ts';
import { followWays } from './ways.ts';

export { readGrammar, type GrammarPart } from './read-grammar.ts';
export { followWays, type GrammarWays } from './ways.ts';

/**
 * Whether llama.cpp can choose tokens by the grammar, with `root` as its start.
 * @throws AppError `invalid_input` with the fact `at`, the place in the text as far as it is known.
 */
export function checkGrammar(text: string): void {
  const rules = readGrammar(text, { tellsWhy: true });
  if (rules) followWays(rules, 'root');
}
