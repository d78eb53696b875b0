/** Before each file of tests: the page's words, as main.tsx loads them before any screen. */
import { loadWords } from '../../renderer/words/words.ts';

await loadWords();
