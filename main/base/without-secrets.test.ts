import { describe, expect, it } from 'vitest';
import { MAX_SEARCHED_CHARS, withoutSecrets } from './without-secrets.ts';

describe('secrets are cut out of', () => {
  it.each([
    // Tokens by their form.
    ['the Hub said no to hf_abcdefghijklmnop', 'the Hub said no to hf_…'],
    ['got Bearer abc.def-123 here', 'got Bearer … here'],
    ['Authorization Bearer: abc', 'Authorization Bearer: …'],
    ['the http-token "abcdef" is wrong', 'the http-token "…" is wrong'],
    ['git said ghp_abcdefghijklmnop', 'git said ghp_…'],
    ['key sk-ant-api03-abcdef1234567890', 'key sk-…'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghij', 'jwt eyJ…'],
    ['password: 1234', 'password: …'],
    // Headers.
    ['authorization: Bearer abc.def-123', 'authorization: Bearer …'],
    ['Authorization: abc', 'Authorization: …'],
    ['Proxy-Authorization: Basic YWRhOmI=\r\nHost: x', 'Proxy-Authorization: Basic …\r\nHost: x'],
    ['authorization: Digest username="ada", response="1f"\nnext', 'authorization: Digest …\nnext'],
    ["{ Authorization: 'abc', host: 'x' }", "{ Authorization: '…', host: 'x' }"],
    ['Cookie: session=abc; theme=dark\nnext', 'Cookie: …\nnext'],
    ['Set-Cookie: session=abc; Path=/; HttpOnly', 'Set-Cookie: …'],
    ["'set-cookie': [ 'a=1; Path=/', 'b=2' ], x: 1", "'set-cookie': […], x: 1"],
    ['{"cookie":"a=1; b=2","x":1}', '{"cookie":"…","x":1}'],
    ['X-Api-Key: abc', 'X-Api-Key: …'],
    ['Sec-WebSocket-Protocol: hearth, abc\r\nHost: x', 'Sec-WebSocket-Protocol: …\r\nHost: x'],
    ["'sec-websocket-protocol': 'hearth, abc', x: 1", "'sec-websocket-protocol': '…', x: 1"],
    ['Bearer%20abc.def', 'Bearer …'],
    // Options of commands.
    ['hearth serve --token abc --port 1', 'hearth serve --token … --port 1'],
    ['run --hub-token abc', 'run --hub-token …'],
    // Users without a scheme.
    ['proxy bob:pw@host:3128 refused', 'proxy …@host:3128 refused'],
    ['ECONNREFUSED //bob:pw@proxy', 'ECONNREFUSED //…@proxy'],
    ['to=http%3A%2F%2Fbob%3Apw%40proxy', 'to=http%3A%2F%2F…%40proxy'],
    // Fields.
    ['token  =>  "abc"', 'token  =>  "…"'],
    ['pwd=abc&x=1', 'pwd=…&x=1'],
    ['pass=abc', 'pass=…'],
    ['{"token":"abc123","name":"x"}', '{"token":"…","name":"x"}'],
    ["{ token: 'abc123', name: 'x' }", "{ token: '…', name: 'x' }"],
    ["{ 'token': 'abc' }", "{ 'token': '…' }"],
    ['{ token: abc }', '{ token: … }'],
    [String.raw`{"body":"{\"token\":\"abc\",\"x\":1}"}`, String.raw`{"body":"{\"token\":\"…\",\"x\":1}"}`],
    [String.raw`token\":\"abc`, String.raw`token\":\"…`],
    [String.raw`{"password":"a\"b c, d","x":1}`, '{"password":"…","x":1}'],
    ["password: 'two words'", "password: '…'"],
    ['hubToken=abc123, 7 tokens: fine', 'hubToken=…, 7 tokens: fine'],
    ['api_key=abc&x=1', 'api_key=…&x=1'],
    ['OPENAI_API_KEY=abc apiKey: "d"', 'OPENAI_API_KEY=… apiKey: "…"'],
    ['//registry.example/:_auth=YWRh', '//registry.example/:_auth=…'],
    ['//registry.example/:_authToken=abc', '//registry.example/:_authToken=…'],
    // Addresses.
    [
      'GET https://cdn.example/a/b.gguf?X-Amz-Signature=abc&Expires=1 failed',
      'GET https://cdn.example/a/b.gguf?… failed',
    ],
    ['proxy http://ada:lovelace@proxy.example:3128/ refused', 'proxy http://…@proxy.example:3128/ refused'],
    ['socks5://bob:hunter2@proxy', 'socks5://…@proxy'],
    ['git+ssh://bob:hunter2@proxy', 'git+ssh://…@proxy'],
    ['http://bob:hun/ter2@proxy:80/x', 'http://…@proxy:80/x'],
    ['http://bob:hun@ter2@proxy', 'http://…@proxy'],
    ['http://bob@home.example:hun/ter2@proxy', 'http://…@proxy'],
    ['http://bob:hun?t#er2@proxy', 'http://…@proxy'],
    [String.raw`"http:\/\/bob:hunter2@proxy"`, String.raw`"http:\/\/…@proxy"`],
  ])('%s', (text, written) => {
    expect(withoutSecrets(text)).toBe(written);
  });

  it.each([
    'model o/n/x.gguf: 3 tokens a second',
    "print_info: EOS token        = 2 '</s>'",
    'decode: token = 128009 not found',
    'error: invalid token: "}" at line 3',
    'promptTokens: 12, maxTokens=null',
    'GET http://127.0.0.1:4735/o/name@main/file 404',
    'see https://hub.example/o/name@main and http://[::1]:80/a@b',
    'Error: ENOENT: no such file, open /home/ada/a.gguf',
  ])('and nothing is cut out of: %s', (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });
});

describe('a text without an end', () => {
  it.each(['x', 'a-', 'a b ', 'token ', 'a://', '\\', '"'])('of %j is searched at its beginning only', (piece) => {
    // What is no secret is answered as it is: the answer is as long as what was searched, but for a mark of what was cut.
    expect(withoutSecrets(piece.repeat(1_000_000 / piece.length)).length).toBeLessThanOrEqual(MAX_SEARCHED_CHARS + 4);
  });

  it('does not show the password of an address that was cut in two', () => {
    const address = 'http://bob:hunter2@proxy';
    for (let length = 1; length <= address.length; length++) {
      const text = `${'x '.repeat(4000).slice(0, MAX_SEARCHED_CHARS - length)}${address} and more`;
      expect(withoutSecrets(text)).not.toMatch(/bob|hunter/);
    }
  });
});
