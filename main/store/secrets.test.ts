import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createSecrets } from './secrets.ts';

it('keeps a secret in a file for the user alone, until it is deleted', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  createSecrets(folder, null).write('a', 'secret 1');
  expect(createSecrets(folder, null).read('a')).toBe('secret 1');
  if (process.platform !== 'win32') expect(statSync(path.join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
  createSecrets(folder, null).write('a', null);
  expect(createSecrets(folder, null).read('a')).toBeNull();
});

it('is synced whole under another name before it takes the place of the last one', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const written: unknown[] = [];
  const secrets = createSecrets(folder, null, (file, text, options) => {
    // What a kill in this moment leaves is the file of before.
    written.push([path.basename(file), options.flush, createSecrets(folder, null).read('a')]);
    writeFileSync(file, text, options);
  });
  secrets.write('a', 'one');
  secrets.write('a', 'two');
  expect(written).toEqual([
    ['secrets.json.new', true, null],
    ['secrets.json.new', true, 'one'],
  ]);
  expect(secrets.read('a')).toBe('two');
});

it('keeps the last secret, and nothing beside it, when the disk is full', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  createSecrets(folder, null).write('a', 'one');
  const full = createSecrets(folder, null, (file, text, options) => {
    writeFileSync(file, text.slice(0, 5), options);
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  });
  expect(() => full.write('a', 'two')).toThrow(expect.objectContaining({ code: 'disk.full' }));
  expect(full.read('a')).toBe('one');
  expect(readdirSync(folder)).toEqual(['secrets.json']);
});

it('leaves nothing beside the file when it cannot be replaced', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(path.join(folder, 'secrets.json'));
  expect(() => createSecrets(folder, null).write('a', 'hf_secret')).toThrow(
    expect.objectContaining({ code: 'disk.denied' }),
  );
  expect(readdirSync(folder)).toEqual(['secrets.json']);
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
