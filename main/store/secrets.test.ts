import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createSecrets } from './secrets.ts';

it('makes a secret at its first use, and reads it from then on', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  let made = 0;
  const make = (): string => `secret ${String(++made)}`;
  expect(createSecrets(folder, null).readOrMake('a', make)).toBe('secret 1');
  const again = createSecrets(folder, null);
  expect(again.readOrMake('a', make)).toBe('secret 1');
  expect(again.readOrMake('b', make)).toBe('secret 2');
  if (process.platform !== 'win32') expect(statSync(path.join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
});

it.each(['', 'null', '[]', '{"a": null}', '{"a": {"value": 5}}'])(
  'counts a file with %s as one without a secret',
  (text) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-secrets-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(path.join(folder, 'secrets.json'), text);
    const secrets = createSecrets(folder, null);
    expect(secrets.read('a')).toBeNull();
    secrets.write('a', 'new');
    expect(secrets.read('a')).toBe('new');
  },
);
