/** What people feel of the page, in Chromium over the built page: the files in `ui/`. */
import { closeBrowser } from '../e2e/harness.ts';
import { listFigures } from './ui/list.ts';
import { longReply } from './ui/long-reply.ts';
import { windowFigures } from './ui/window.ts';

export async function run(print: (line: object) => void): Promise<void> {
  try {
    await windowFigures(print);
    await listFigures(print);
    await longReply(print);
  } finally {
    await closeBrowser();
  }
}
