import { describe, expect, it } from 'vitest';
import { readAddress } from './network-form.ts';

describe('readAddress', () => {
  it.each([
    ['', null, null],
    [' https://hub.example ', 'https://hub.example', null],
    ['hub.example', null, 'An address begins with http:// or https://.'],
    ['socks5://x', null, 'An address begins with http:// or https://.'],
    ['http://', null, 'This is not a valid address.'],
  ])('%j', (text, address, problem) => expect(readAddress(text)).toEqual({ address, problem }));
});
