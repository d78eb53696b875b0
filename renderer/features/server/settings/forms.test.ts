import { expect, it } from 'vitest';
import { serverSettingsSchema } from '../../../../preload/contract/server.ts';
import { isHostName, isOrigin } from './forms.ts';

it('takes what the contract takes', () => {
  const { hostNames, origins } = serverSettingsSchema.shape;
  for (const text of [
    'localhost',
    'a.b-c.example',
    'fd00::1',
    '10.0.0.1',
    '-a',
    'a-',
    'http://a',
    'a:80',
    '',
    'a b',
    'x'.repeat(253),
    'x'.repeat(254),
  ])
    expect(isHostName(text), text).toBe(hostNames.safeParse([text]).success);
  for (const text of [
    'http://localhost:3000',
    'https://a.example',
    'http://[::1]:8080',
    'HTTP://A',
    'http://a/',
    'ftp://a',
    'vscode-webview://1a2b3c',
    'http://a?b',
    'http://a b',
    'localhost',
    'http://a:123456',
    'null',
    '',
    `http://${'x'.repeat(294)}`,
  ])
    expect(isOrigin(text), text).toBe(origins.safeParse([text]).success);
  expect([isHostName('localhost'), isOrigin('http://localhost:3000'), isOrigin('http://a/')]).toEqual([
    true,
    true,
    false,
  ]);
});
