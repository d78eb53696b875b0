import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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

it('keeps one secret while another one is written and deleted', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const secrets = createSecrets(folder, null);
  secrets.write('a', 'one');
  secrets.write('b', 'two');
  expect([secrets.read('a'), secrets.read('b')]).toEqual(['one', 'two']);
  secrets.write('b', null);
  expect([secrets.read('a'), secrets.read('b')]).toEqual(['one', null]);
});

it('is encrypted where there is a keychain, and reads as none without the same one', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const keychain = (key: number) => {
    const turned = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ key));
    return {
      seal: (text: string) => turned(Buffer.from(`sealed:${text}`)),
      open(sealed: Buffer) {
        const text = turned(sealed).toString();
        if (!text.startsWith('sealed:')) throw new Error('another key');
        return text.slice('sealed:'.length);
      },
    };
  };
  createSecrets(folder, null).write('plain', 'hf_plain');
  createSecrets(folder, keychain(5)).write('a', 'hf_secret');
  expect(readFileSync(path.join(folder, 'secrets.json'), 'utf8')).not.toContain('hf_secret');
  expect(createSecrets(folder, keychain(5)).read('a')).toBe('hf_secret');
  for (const other of [null, keychain(6)]) expect(createSecrets(folder, other).read('a')).toBeNull();
  // What was stored before there was a keychain stays readable.
  expect(createSecrets(folder, keychain(5)).read('plain')).toBe('hf_plain');
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

it('keeps a damaged file beside, and what an earlier one left there', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const cut = ['{"hub": {"value": "hf_o', '{"hub": {"value": "hf_a'];
  for (const text of cut) {
    writeFileSync(path.join(folder, 'secrets.json'), text);
    createSecrets(folder, null).write('a', 'new');
  }
  const kept = readdirSync(folder).filter((name) => name !== 'secrets.json');
  expect(kept.every((name) => /^secrets-damaged-\d{4}-\d\d-\d\d(-2)?\.json$/.test(name))).toBe(true);
  expect(kept.map((name) => readFileSync(path.join(folder, name), 'utf8')).sort()).toEqual(cut.toSorted());
  expect(createSecrets(folder, null).read('a')).toBe('new');
});

it.skipIf(process.platform === 'win32')('refuses to write where the stored secrets cannot be read', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'secrets.json');
  // A link to itself cannot be read (ELOOP), also by an administrator, and a rename would take its place.
  symlinkSync(file, file);
  expect(() => createSecrets(folder, null).write('b', 'two')).toThrow(expect.objectContaining({ code: 'disk.denied' }));
  expect([lstatSync(file).isSymbolicLink(), readdirSync(folder)]).toEqual([true, ['secrets.json']]);
});
