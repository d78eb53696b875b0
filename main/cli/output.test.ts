import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { AppError } from '../../preload/wire/errors.ts';
import { createOutput, type Output } from './output.ts';

const hostile = 'a\u001b]0;title\u0007\u009b31m\u202e\nb';

/** What is written to standard output and standard error, of a terminal or a pipe. */
function written(isTTY: boolean, json: boolean, write: (output: Output) => void): [out: string, err: string] {
  const streams = [new PassThrough(), new PassThrough()].map((stream) => Object.assign(stream, { isTTY }));
  const [out, err] = streams as unknown as [NodeJS.WriteStream, NodeJS.WriteStream]; // The parts of them that are used.
  write(createOutput(json, out, err));
  // Node 26 reads one piece at a time.
  const allOf = (stream: PassThrough): string => {
    let text = '';
    for (let piece: unknown = stream.read(); piece !== null; piece = stream.read())
      text += (piece as Buffer).toString();
    return text;
  };
  return [allOf(streams[0]!), allOf(streams[1]!)];
}

it('gives a terminal nothing that it would obey, neither of a result nor of an error', () => {
  const [out, err] = written(true, false, (output) => {
    output.text(hostile);
    output.done({}, hostile);
    output.exactly({}, hostile);
    output.warning(hostile);
    output.error(new AppError('model.corrupt', hostile));
  });
  const reply = 'a\ufffd]0;title\ufffd\ufffd31m\u202e\nb';
  expect(out).toBe(`${reply}${reply}\n${reply}\n`);
  const message = 'a\ufffd]0;title\ufffd\ufffd31m\ufffd\n  b';
  expect(err).toBe(`Warning: ${message}\nmodel.corrupt: ${message}\n`);
});

it('gives a pipe results to the byte, and messages as to a terminal', () => {
  const [out, err] = written(false, false, (output) => {
    output.exactly({}, hostile);
    output.warning(hostile);
  });
  expect(out).toBe(hostile);
  expect(err).not.toMatch(/[\u001b\u009b\u202e]/);
});

it('writes JSON with the same values and without what a terminal would obey', () => {
  const [out] = written(true, true, (output) => output.done({ text: hostile }, ''));
  expect(out).toMatch(/^[\u0020-\u007e]*\n$/);
  expect(JSON.parse(out)).toEqual({ text: hostile });
});
