/** A question that a command asks before it deletes something. */
import { createInterface } from 'node:readline/promises';

/** Whether somebody is there to answer. */
export const canAsk = (isJson: boolean): boolean => process.stdin.isTTY && process.stderr.isTTY && !isJson;

/** Whether the user answers yes. Ctrl+D is no, and Ctrl+C ends the command. */
export async function agrees(question: string, signal: AbortSignal): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  // The reader has taken the key from the terminal.
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const closed = new Promise<string>((resolve) => reader.once('close', () => resolve('')));
    const answer = await Promise.race([reader.question(`${question} [y/N] `, { signal }), closed]);
    return /^y(?:es)?$/i.test(answer.trim());
  } catch {
    return false;
  } finally {
    reader.close();
  }
}
