/** What people feel of the page, in Chromium over the built page. One file per figure in `ui/`. */
import { closeBrowser } from '../e2e/harness.ts';
import { longReply } from './ui/long-reply.ts';

export async function run(print: (line: object) => void): Promise<void> {
  try {
    await longReply(print);
  } finally {
    await closeBrowser();
  }
}
