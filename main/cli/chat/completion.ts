/** What the Tab key completes in a chat: its commands, and what stands behind them. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { withoutMarks } from '../../base/foreign-text.ts';
import { chatCommands, settableNames, type ChatCommand } from './commands.ts';

/** The candidates for the end of a line, and the end that they replace: the form of Node's line editor. */
export type Completed = [candidates: string[], end: string];

/** More names are no help in a terminal. */
const MAX_CANDIDATES = 100;

/** Completes what stands before the cursor. `models` gives the names of models, and is called only where one may stand. Never rejects. */
export async function completeLine(line: string, models: () => Promise<readonly string[]>): Promise<Completed> {
  const [, typed, rest] = /^\/([a-zA-Z]*)(?:\s+(.*))?$/.exec(line) ?? [];
  if (typed === undefined) return [[], line];
  if (rest === undefined)
    return startingWith(
      line,
      chatCommands.map((name) => (takesNothing.has(name) ? `/${name}` : `/${name} `)),
    );
  const name = chatCommands.find((one) => one === typed.toLowerCase());
  try {
    switch (name) {
      case 'model':
        return startingWith(rest, await models());
      case 'set':
        return startingWith(
          rest,
          settableNames.map((one) => `${one} `),
        );
      case 'save':
      case 'load':
        return startingWith(rest, await filesAt(rest));
      case undefined:
      case 'help':
      case 'system':
      case 'retry':
      case 'undo':
      case 'clear':
      case 'exit':
        return [[], rest];
      default:
        return name satisfies never;
    }
  } catch {
    // A folder that cannot be read, or an app that has ended: there is nothing to offer.
    return [[], rest];
  }
}

const takesNothing: ReadonlySet<ChatCommand> = new Set(['help', 'retry', 'undo', 'clear', 'exit']);

/** The files of the folder that a path names so far, as that path. Hidden ones only where their name has begun. */
async function filesAt(typed: string): Promise<readonly string[]> {
  const before = typed.slice(0, typed.search(/[^/\\]*$/));
  const begun = typed.slice(before.length);
  const entries = await readdir(path.resolve(before === '' ? '.' : before), { withFileTypes: true });
  return entries
    .filter((entry) => begun.startsWith('.') || !entry.name.startsWith('.'))
    .map((entry) => `${before}${entry.name}${entry.isDirectory() ? '/' : ''}`);
}

/** Case counts, as in a shell. A name that would control the terminal is left out: it could not be typed either. */
function startingWith(end: string, names: readonly string[]): Completed {
  const found = names.filter((name) => name.startsWith(end) && withoutMarks(name) === name);
  return [found.sort().slice(0, MAX_CANDIDATES), end];
}
