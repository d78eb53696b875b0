import { expect, it } from 'vitest';
import { addressOf } from './link-address.ts';

it.each([
  ['https://example.org/a?b#c', { before: 'https://', host: 'example.org', after: '/a?b#c', isPunycode: false }],
  ['http://127.0.0.1:8080', { before: 'http://', host: '127.0.0.1:8080', after: '/' }],
  // A Cyrillic a, in the form that Python's idna gives.
  ['https://b\u0430nk.example/', { host: 'xn--bnk-6cd.example', isPunycode: true }],
  ['mailto:a@b.example?attach=/etc/passwd&body=x', { kind: 'mail', href: 'mailto:a@b.example', host: 'a@b.example' }],
])('%s is read', (href, expected) => {
  expect(addressOf(href)).toMatchObject(expected);
});

it.each([
  ...[
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'file:///etc/passwd',
  ],
  ...[
    'data:text/html,x',
    'blob:https://a.example/1',
    'vbscript:x',
    'ms-msdt:/id',
    '//host/share',
    '/path',
    '#hash',
    'x',
  ],
  ...['https://bank.example@evil.example/', 'https://', 'mailto:', `https://example.org/${'a'.repeat(3_000)}`],
])('%s is never opened', (href) => {
  expect(addressOf(href)).toBeNull();
});
