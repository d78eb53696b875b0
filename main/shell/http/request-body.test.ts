import { describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES, readJson, unescapeName } from './request-body.ts';

/** A request whose body comes in these chunks. */
function requestOf(chunks: readonly (string | Buffer)[], type = 'application/json'): Parameters<typeof readJson>[0] {
  return {
    headers: { 'content-type': type },
    async *[Symbol.asyncIterator]() {
      for (const chunk of chunks) yield Buffer.from(chunk);
    },
  };
}
const refused = { code: 'invalid_input' };

describe('the body of a request', () => {
  it('is JSON, also where a chunk ends within a letter', async () => {
    const bytes = Buffer.from('{"name":"Ä"}');
    const cut = bytes.indexOf('Ä') + 1;
    expect(await readJson(requestOf([bytes.subarray(0, cut), bytes.subarray(cut)]))).toEqual({ name: 'Ä' });
    expect(await readJson(requestOf(['[]'], 'Application/JSON; charset=utf-8'))).toEqual([]);
  });

  it('is an empty object when there is none', async () => {
    expect(await readJson(requestOf([]))).toEqual({});
    expect(await readJson(requestOf([' \n']))).toEqual({});
  });

  it('is refused when it is of another kind, no JSON, or too large', async () => {
    for (const type of ['', 'text/plain', 'application/jsonp', 'application/x-www-form-urlencoded'])
      await expect(readJson(requestOf(['{}'], type)), type).rejects.toMatchObject(refused);
    await expect(readJson(requestOf(['{']))).rejects.toMatchObject(refused);
    const half = Buffer.alloc(MAX_BODY_BYTES / 2 + 1, ' ');
    await expect(readJson(requestOf([half, half]))).rejects.toMatchObject({
      ...refused,
      data: { maxBytes: MAX_BODY_BYTES },
    });
  });
});

it('the name of a file is unescaped, or refused', () => {
  expect(unescapeName('a%20%C3%A4.gguf')).toBe('a ä.gguf');
  expect(() => unescapeName('%E0%A4%A')).toThrow(expect.objectContaining(refused));
});
