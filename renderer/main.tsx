/** The page's first module. It loads the words of the chosen language, and then the window, whose modules read them. */
import './ui/tokens.css';
import './ui/base.css';
import { direction, languageTag } from './words/language.ts';
import { loadWords } from './words/words.ts';

document.documentElement.lang = languageTag;
document.documentElement.dir = direction;

async function start(): Promise<void> {
  await loadWords();
  const { showWindow } = await import('./frame/window.tsx');
  showWindow();
}

void start();
