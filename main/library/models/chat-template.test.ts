import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { headerBytes, soundPlan, typed, u32, u64, type TypedValue } from '../../../test/support/odd-headers.ts';
import { readChatTemplate, type FileTemplate } from './chat-template.ts';
import { readHeaderOfFile } from './model-files.ts';
import { readSpecialIds } from './vocabulary.ts';

const TOKENS = 'tokenizer.ggml.tokens';
const TYPES = 'tokenizer.ggml.token_type';
const text = (token: string): Buffer => Buffer.concat([u64(Buffer.byteLength(token)), Buffer.from(token)]);

/** What is read of the sound model with these values in place of its own or before them. */
function readWith(values: Readonly<Record<string, TypedValue>>): Promise<FileTemplate> {
  return readChatTemplate(fileWith(values));
}
function fileWith(values: Readonly<Record<string, TypedValue>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'hearth-template-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const plan = soundPlan();
  const given = Object.entries(values).map(([key, value]) => ({ key: Buffer.from(key), value }));
  const others = plan.entries.filter(({ key }) => !(key.toString() in values));
  const file = path.join(folder, 'm.gguf');
  writeFileSync(file, headerBytes({ ...plan, entries: [...given, ...others] }));
  return file;
}
/** The tokens 1 and 2 of the plan are control tokens. */
const own = { source: null, bos: '<s>', eos: '</s>', specialTokens: ['<s>', '</s>'] };
const ofLength = (count: number): Record<string, TypedValue> => ({
  [TOKENS]: typed.list(
    8,
    Array.from({ length: count }, (_, id) => text(['<unk>', '<s>', '</s>'][id] ?? `w${id}`)),
  ),
  [TYPES]: typed.list(
    5,
    Array.from({ length: count }, (_, id) => u32(id === 1 || id === 2 ? 3 : 1)),
  ),
});

it('reads the special tokens of a short vocabulary, of one that the reader of headers passes over, and of one of many reads', async () => {
  for (const count of [300, 1024, 1025, 200_000]) expect(await readWith(ofLength(count))).toEqual(own);
});

it.each([TYPES, TOKENS])('takes no text of another value for the list %s', async (key) => {
  for (const count of [0, 5, 1000, 5_000_000_000]) {
    const note = Buffer.concat([text(key), u32(9), u32(key === TYPES ? 5 : 8), u64(count), Buffer.alloc(64, 3)]);
    expect(await readWith({ 'aaa.note': typed.text(note) })).toEqual(own);
    expect(await readWith({ 'aaa.note': typed.text(note), ...ofLength(2000) })).toEqual(own);
  }
});

it.each([
  ['types that are texts', TYPES, typed.list(8, [text('3')])],
  ['many types that are texts', TYPES, typed.list(8, Array<Buffer>(2000).fill(text('3')))],
  ['many types of another width', TYPES, typed.list(0, Array<Buffer>(2000).fill(Buffer.from([3])))],
  ['types that are no list', TYPES, typed.u32(3)],
  ['tokens that are numbers', TOKENS, typed.list(4, [u32(3)])],
  ['many tokens that are numbers', TOKENS, typed.list(4, Array<Buffer>(2000).fill(u32(3)))],
  ['tokens that are one long text', TOKENS, typed.text('x'.repeat(2_000_000))],
])('refuses %s', async (_what, key, value) => {
  await expect(readWith({ [key]: value })).rejects.toMatchObject({
    ...{ code: 'model.corrupt', data: { reason: 'header', field: key } },
  });
});

it('refuses more special tokens, and longer ones, than any model has', async () => {
  const types = typed.list(5, Array<Buffer>(70_000).fill(u32(3)));
  const tooLong = { code: 'model.unsupported', data: { reason: 'header_too_long' } };
  await expect(readWith({ [TYPES]: types })).rejects.toMatchObject(tooLong);
  const tokens = [text('<unk>'), text('x'.repeat(2000)), text('</s>')];
  await expect(readWith({ [TOKENS]: typed.list(8, tokens) })).rejects.toMatchObject(tooLong);
});

it('refuses a file that ends while its vocabulary is read', async () => {
  const file = fileWith(ofLength(200_000));
  const header = await readHeaderOfFile(file);
  const handle = await open(file, 'r');
  const read = handle.read.bind(handle) as (...given: unknown[]) => Promise<unknown>;
  Object.assign(handle, {
    read(...given: unknown[]) {
      truncateSync(file, 1000);
      return read(...given);
    },
  });
  await expect(readSpecialIds(handle, header)).rejects.toMatchObject({
    ...{ code: 'model.corrupt', data: { reason: 'header', field: TYPES } },
  });
  await handle.close();
});
