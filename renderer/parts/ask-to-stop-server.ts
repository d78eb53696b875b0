/** The question before the API server is stopped. */
import { ask } from '../navigation/ask.ts';
import { words } from '../words/words.ts';

/** Resolves with whether the server may be stopped. Where it answers no request, nothing is asked. */
export async function askToStopServer(running: number): Promise<boolean> {
  const { stopTitle, stopText, stopNamed } = words.server;
  return running === 0 || (await ask({ title: stopTitle, text: stopText(running), confirm: stopNamed }));
}
