import { describe, expect, it } from 'vitest';
import { readEvents, type ServerEvent } from './event-stream.ts';

const limits = { eventBytes: 10_000, streamBytes: 100_000 };
const encoder = new TextEncoder();

async function* chunksOf(pieces: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(typeof piece === 'string' ? encoder.encode(piece) : piece);
}
async function read(pieces: readonly (string | Uint8Array)[], within = limits): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of readEvents(chunksOf(pieces), within)) events.push(event);
  return events;
}
const dataOf = async (...pieces: readonly (string | Uint8Array)[]): Promise<string[]> =>
  (await read(pieces)).map(({ data }) => data);

describe('readEvents', () => {
  it('reads the examples of the HTML standard', async () => {
    // 9.2.6 of the standard, with its own explanations of what is dispatched.
    expect(await dataOf('data: YHOO\ndata: +2\ndata: 10\n\n')).toEqual(['YHOO\n+2\n10']);
    expect(
      await dataOf(': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n'),
    ).toEqual(['first event', 'second event', ' third event']);
    expect(await dataOf('data\n\ndata\ndata\n\ndata:')).toEqual(['', '\n', '']);
    expect(await dataOf('data:test\n\ndata: test\n\n')).toEqual(['test', 'test']);
  });

  it('gives the same whatever the boundaries of the chunks', async () => {
    const text = 'event: a\r\ndata: {"x":"ü€😀"}\r\n\r\n: comment\rdata: one\rdata: two\r\rdata: last\n\n';
    const bytes = encoder.encode(text);
    const expected = [
      { name: 'a', data: '{"x":"ü€😀"}' },
      { name: null, data: 'one\ntwo' },
      { name: null, data: 'last' },
    ];
    expect(await read([bytes])).toEqual(expected);
    for (let size = 1; size <= 7; size++) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
      expect(await read(pieces), `chunks of ${size} bytes`).toEqual(expected);
    }
  });

  it('gives an event that the end of the body cuts off', async () => {
    expect(await dataOf('data: a\n\ndata: b')).toEqual(['a', 'b']);
    expect(await dataOf('data: a\n')).toEqual(['a']);
    expect(await dataOf('')).toEqual([]);
    expect(await dataOf('\n\n\n')).toEqual([]);
  });

  it('passes over a mark of byte order, and bytes that are no text', async () => {
    expect(await dataOf(new Uint8Array([0xef, 0xbb, 0xbf]), 'data: a\n\n')).toEqual(['a']);
    expect(await dataOf('data: ', new Uint8Array([0xff]), '\n\n')).toEqual(['\ufffd']);
  });

  it('ends a line, an event and a stream that are too long', async () => {
    const tooLong = { code: 'remote.bad_response', data: { reason: 'too_long' } };
    await expect(read(['data: ', ...Array.from({ length: 11 }, () => 'x'.repeat(1000))])).rejects.toMatchObject(
      tooLong,
    );
    await expect(read(Array.from({ length: 2000 }, () => 'data: aaaaaaaa\n'))).rejects.toMatchObject(tooLong);
    await expect(read(Array.from({ length: 200 }, () => `: ${'x'.repeat(1000)}\n`))).rejects.toMatchObject(tooLong);
    await expect(read(['data: ok\n\n'])).resolves.toHaveLength(1);
  });

  it('takes a line of a hundred thousand chunks in the time that its length needs', async () => {
    const pieces = ['data: ', ...Array.from({ length: 100_000 }, () => 'ab'), '\n\n'];
    const [event] = await read(pieces, { eventBytes: 1_000_000, streamBytes: 1_000_000 });
    expect(event?.data).toHaveLength(200_000);
  });
});
