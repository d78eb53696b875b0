import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { AppError, encodeError } from '../../preload/wire/errors.ts';
import {
  isChallenge,
  isProof,
  proofOf,
  readControl,
  removeControl,
  withOwner,
  writeControl,
  type Control,
} from './control.ts';

const control: Control = {
  origin: 'http://127.0.0.1:4735',
  token: 'a-token-of-some-length',
  pid: 4321,
  version: '0.1.0',
  owner: 'desktop',
};

function folder(): string {
  const made = mkdtempSync(path.join(os.tmpdir(), 'hearth-control-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

it('is written for the user alone, whole, and removed by the app that wrote it', () => {
  const data = path.join(folder(), 'new');
  writeControl(data, control);
  expect(readControl(data)).toEqual(control);
  expect(readdirSync(data)).toEqual(['control.json']);
  if (process.platform !== 'win32') expect(statSync(path.join(data, 'control.json')).mode & 0o777).toBe(0o600);
  removeControl(data, 'the token of another app');
  expect(readControl(data)).toEqual(control);
  removeControl(data, control.token);
  expect(readdirSync(data)).toEqual([]);
  removeControl(data, control.token);
});

it('keeps to the user what a killed app has left with another mode, and follows no link', () => {
  const data = folder();
  writeFileSync(path.join(data, 'aside'), 'untouched');
  symlinkSync(path.join(data, 'aside'), path.join(data, 'control.json.new'));
  writeControl(data, control);
  expect(readFileSync(path.join(data, 'aside'), 'utf8')).toBe('untouched');
  if (process.platform !== 'win32') expect(statSync(path.join(data, 'control.json')).mode & 0o777).toBe(0o600);
});

it.each<[string, string | Buffer]>([
  ['nothing', ''],
  ['no JSON', '{'],
  ['a list', '[]'],
  ['null', 'null'],
  ['another host', JSON.stringify({ ...control, origin: 'http://example.org:80' })],
  ['an address with a user', JSON.stringify({ ...control, origin: 'http://127.0.0.1:80@example.org' })],
  ['another protocol', JSON.stringify({ ...control, origin: 'file://127.0.0.1:1' })],
  ['a header in the token', JSON.stringify({ ...control, token: 'a\r\nx: y and more' })],
  ['no pid', JSON.stringify({ ...control, pid: -1 })],
  ['an unknown owner', JSON.stringify({ ...control, owner: 'constructor' })],
  ['too much', JSON.stringify({ ...control, more: 'x'.repeat(5000) })],
  ['bytes', Buffer.alloc(200, 0xff)],
])('is not taken for one with %s in it', (_, content) => {
  const data = folder();
  writeFileSync(path.join(data, 'control.json'), content);
  expect(readControl(data)).toBeNull();
});

it('is not there in a folder, nor where it is a folder', () => {
  const data = folder();
  expect(readControl(data)).toBeNull();
  mkdirSync(path.join(data, 'control.json'));
  expect(readControl(data)).toBeNull();
});

it('says who has the database, in words without the token', () => {
  const data = folder();
  const inUse = new AppError('store.in_use', 'In use.');
  expect(withOwner(inUse, data)).toBe(inUse);
  for (const [owner, words] of [
    ['desktop', /window is open/],
    ['browser', /at http:\/\/127\.0\.0\.1:4735 /],
    ['command', /command in a terminal/],
  ] as const) {
    writeControl(data, { ...control, owner, pid: process.pid });
    const error = withOwner(inUse, data);
    expect(error).toMatchObject({ code: 'store.in_use', message: expect.stringMatching(words), data: { owner } });
    expect(JSON.stringify(encodeError(error))).not.toContain(control.token);
  }
  const other = new AppError('store.corrupt', 'Damaged.');
  expect(withOwner(other, data)).toBe(other);
  // What a killed app has left says nothing of the one that has the database.
  writeControl(data, { ...control, pid: 2 ** 31 - 1 });
  expect(withOwner(inUse, data)).toBe(inUse);
});

it('is proved by the token to a challenge', () => {
  const challenge = 'ab'.repeat(32);
  expect(isChallenge(challenge)).toBe(true);
  for (const text of ['', 'ab', 'g'.repeat(64), 'ab'.repeat(65), 'a'.repeat(33)]) expect(isChallenge(text)).toBe(false);
  const proof = proofOf(control.token, challenge);
  expect(isProof(proof, control.token, challenge)).toBe(true);
  expect(isProof(proof, 'another-token', challenge)).toBe(false);
  expect(isProof(proof, control.token, 'cd'.repeat(32))).toBe(false);
  for (const other of [undefined, null, 1, '', {}, proof.slice(1)])
    expect(isProof(other, control.token, challenge)).toBe(false);
});
