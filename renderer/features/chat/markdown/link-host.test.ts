import { expect, it } from 'vitest';
import { otherHost } from './link-host.ts';

it.each([
  ['https://evil.example', 'https://bank.com', ' (evil.example)'],
  ['https://evil.example/bank.com', 'bank.com/login', ' (evil.example)'],
  ['https://bank.com.evil.example/', 'BANK.com', ' (bank.com.evil.example)'],
  ['https://bank.com/login', 'https://Bank.com', null],
  ['https://evil.example', 'the bank', null],
  ['https://evil.example', 'v1.2 of it', null],
])('a link to %s with the text %j says %j', (href, text, host) => {
  expect(otherHost(href, text)).toBe(host);
});
