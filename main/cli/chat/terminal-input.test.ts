/** The line editor of a chat, on streams that behave as a terminal's. */
import { PassThrough } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { expect, it, onTestFinished } from 'vitest';
import type { ChatInput } from './input.ts';
import { readTerminal, type TerminalInputOptions } from './terminal-input.ts';

interface Terminal {
  readonly input: ChatInput;
  readonly keys: PassThrough & { isRaw: boolean };
  shown(): string;
}

function open(
  history: readonly string[] = [],
  signal = new AbortController().signal,
  complete: TerminalInputOptions['complete'] = (line) => Promise.resolve([[], line]),
): Terminal {
  const keys = Object.assign(new PassThrough(), {
    isTTY: true,
    isRaw: false,
    setRawMode(isRaw: boolean) {
      keys.isRaw = isRaw;
      return keys;
    },
  });
  const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  let shown = '';
  screen.setEncoding('utf8').on('data', (text: string) => (shown += text));
  const input = readTerminal(keys as unknown as ReadStream, screen as unknown as WriteStream, {
    ...{ history, complete, signal },
  });
  onTestFinished(() => input.close());
  return { input, keys, shown: () => shown };
}
const message = (text: string) => ({ kind: 'message', text });

it('takes a line, and several as one message', async () => {
  const { input, keys, shown } = open();
  keys.write('Hello\r');
  expect(await input.next()).toEqual(message('Hello'));
  keys.write('one\\\r');
  keys.write('two\r');
  expect(await input.next()).toEqual(message('one\ntwo'));
  keys.write('"""\rone\r\rtwo\r"""\r');
  expect(await input.next()).toEqual(message('one\n\ntwo'));
  expect(shown()).toContain('… ');
});

it('keeps pasted lines together, and sends them only with Enter', async () => {
  const { input, keys } = open();
  keys.write('see \u001b[200~one\rtwo\u0003\r\u001b[201~');
  const next = input.next();
  keys.write('end\r');
  expect(await next).toEqual(message('see one\ntwo\ufffd\nend'));
});

it('brings earlier lines back with the up key', async () => {
  const { input, keys } = open(['newest', 'oldest']);
  keys.write('\u001b[A\r');
  expect(await input.next()).toEqual(message('newest'));
  keys.write('\u001b[A\u001b[A\r');
  expect(await input.next()).toEqual(message('oldest'));
  keys.write('new\r');
  await input.next();
  expect(input.entries()).toEqual(['new', 'oldest', 'newest']);
});

it('completes at the Tab key, but not within a message of several lines, nor what is pasted', async () => {
  const asked: string[] = [];
  const { input, keys, shown } = open([], undefined, (line) => {
    asked.push(line);
    return Promise.resolve([['/model '], line]);
  });
  keys.write('/mo');
  keys.write('\t');
  await expect.poll(shown).toContain('/model ');
  keys.write('ember\r');
  expect(await input.next()).toEqual(message('/model ember'));
  keys.write('"""\r/mo');
  keys.write('\t');
  keys.write('\r"""\r');
  expect(await input.next()).toEqual(message('/mo'));
  keys.write('\u001b[200~/mo\t\u001b[201~');
  keys.write('\r');
  expect(await input.next()).toEqual(message('/mo    '));
  expect(asked).toEqual(['/mo']);
});

it('clears what is typed at Ctrl+C, and tells one at an empty line', async () => {
  const { input, keys } = open();
  const next = input.next();
  keys.write('half a line');
  keys.write('\u0003');
  keys.write('"""\rhalf a message\r');
  keys.write('\u0003');
  keys.write('whole\r');
  expect(await next).toEqual(message('whole'));
  keys.write('\u0003');
  expect(await input.next()).toEqual({ kind: 'interrupt' });
  keys.write('\u0004');
  expect(await input.next()).toEqual({ kind: 'end' });
});

it('stops a reply at Ctrl+C, and keeps what is typed meanwhile for the next message', async () => {
  const { input, keys } = open();
  let stops = 0;
  const goOn = input.whileReplying(() => stops++);
  keys.write('\u0003');
  keys.write('typed ');
  keys.write('ahead\r');
  await expect.poll(() => [stops, keys.readableLength]).toEqual([1, 0]);
  goOn();
  expect(await input.next()).toEqual(message('typed ahead'));
});

it('ends with its signal, and gives the terminal back', async () => {
  const abort = new AbortController();
  const { input, keys, shown } = open([], abort.signal);
  expect(keys.isRaw).toBe(true);
  const next = input.next();
  abort.abort();
  expect(await next).toEqual({ kind: 'end' });
  input.close();
  expect(keys.isRaw).toBe(false);
  await expect.poll(shown).toMatch(/\u001b\[\?2004h[\s\S]*\u001b\[\?2004l$/);
});
