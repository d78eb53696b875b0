import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { personaDefinitionSchema, lorebookDefinitionSchema, type Persona } from '../../../preload/contract/personas.ts';
import { readCard, writeCardJson, writeCardPng } from './card.ts';
import { createNotes } from './foreign-fields.ts';
import { readLorebook, worldInfo } from './lorebook-files.ts';
import { plainPicture } from './pictures.ts';
import { readChunks, sizeOf } from './png.ts';

const cards = path.join(import.meta.dirname, '../../../test/fixtures/cards');
const bytesOf = (name: string): Buffer => readFileSync(path.join(cards, name));
const read = (bytes: Buffer) => {
  const notes = createNotes();
  return { ...readCard(bytes, notes), notes: notes.list() };
};
const refused = (reason: string): unknown =>
  expect.objectContaining({ code: 'invalid_input', data: expect.objectContaining({ reason }) as unknown });
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe('a character card', () => {
  it.each(['v2.json', 'v2.png', 'v2-itxt.png', 'v2-ztxt.png'])('of version 2 is read: %s', (name) => {
    const { definition, lorebook, notes } = read(bytesOf(name));
    expect(definition).toMatchObject({
      name: 'Mira',
      description: '{{char}} keeps the lighthouse. Jürgen knows her.',
      systemPrompt: 'You are {{char}}. {{original}}',
      lastInstructions: 'Stay calm.',
      greetings: ['The lamp is lit, {{user}}.', 'Come in, it is wet outside.'],
      card: { creator: 'tester', version: '1.2', tags: ['sea'], nickname: '' },
    });
    expect(personaDefinitionSchema.safeParse(definition).success).toBe(true);
    expect(lorebookDefinitionSchema.safeParse(lorebook).success).toBe(true);
    expect(lorebook).toMatchObject({ name: 'The coast', scanDepth: 3, tokenBudget: 500 });
    expect(lorebook?.entries).toMatchObject([
      { title: 'Aurora', keys: ['wreck'], place: 'before', order: 10, matchCase: false },
      { keys: [], enabled: true },
      { constant: true },
      { keys: ['keeper'], secondaryKeys: ['old', 'former'] },
    ]);
    expect(notes).toEqual([{ kind: 'regex_keys', count: 1 }]);
  });

  it.each(['v3.png', 'v3.charx'])('of version 3 is read, also beside an older one: %s', (name) => {
    const { definition, lorebook, picture, notes } = read(bytesOf(name));
    expect(definition).toMatchObject({ name: 'Mira Three', card: { nickname: 'Mi' } });
    expect(lorebook?.entries[0]).toMatchObject({ text: 'The Aurora sank in 1904.', scanDepth: 2 });
    expect(notes).toEqual(
      expect.arrayContaining([
        { kind: 'decorators', count: 1 },
        { kind: 'assets', count: 1 },
        { kind: 'group_greetings', count: 1 },
      ]),
    );
    expect(sizeOf(readChunks(picture!))).toEqual(
      name === 'v3.charx' ? { width: 16, height: 12 } : { width: 8, height: 8 },
    );
  });

  it('of version 1 is read', () => {
    expect(read(bytesOf('v1.json')).definition).toMatchObject({ name: 'Old', greetings: ['Hello.'] });
  });

  it.each([
    ['no-card.png', 'card_no_card'],
    ['truncated.png', 'card_broken_png'],
    ['long-chunk.png', 'card_broken_png'],
    ['bomb.png', 'card_too_large'],
    ['bomb.charx', 'card_too_large'],
  ])('is refused in words and at once: %s', (name, reason) => {
    const begun = performance.now();
    expect(() => read(bytesOf(name))).toThrow(refused(reason) as Error);
    expect(performance.now() - begun).toBeLessThan(3000);
  });

  it.each([
    ['no JSON', Buffer.from('hello'), 'card_not_card'],
    ['nothing', Buffer.alloc(0), 'card_not_card'],
    ['a list', json([1]), 'card_not_card'],
    ['another object', json({ a: 1 }), 'card_not_card'],
    ['no name', json({ spec: 'chara_card_v2', data: { description: 'x' } }), 'card_no_name'],
    ['an empty archive', Buffer.from('PK\u0003\u0004rubbish'), 'card_broken_archive'],
    [
      'a million objects',
      Buffer.from(`{"data":{"name":"x","description":"y","extensions":[${'{},'.repeat(300_000)}{}]}}`),
      'card_not_card',
    ],
  ])('is refused where it is none: %s', (_what, bytes, reason) => {
    expect(() => read(bytes)).toThrow(refused(reason) as Error);
  });

  it('with fields of other types is read without them', () => {
    const data = {
      name: 'X',
      description: 'y',
      personality: 5,
      first_mes: null,
      alternate_greetings: ['a', 7, null, ''],
      tags: 'no',
      extensions: [],
      character_book: { entries: [null, 5, { content: 5 }, { content: 'ok', keys: 'no', insertion_order: 'x' }] },
    };
    const { definition, lorebook, notes } = read(json({ data }));
    expect(definition).toMatchObject({ personality: '5', greetings: ['a'], card: { tags: [] } });
    expect(lorebook?.entries).toMatchObject([{ text: 'ok', keys: [], order: 100 }]);
    expect(notes).toEqual([{ kind: 'broken_entries', count: 3 }]);
    expect(personaDefinitionSchema.safeParse(definition).success).toBe(true);
  });

  it('is cut where it is too long, keeps no half letters, and drops extensions that are too deep', () => {
    const deep = `${'{"a":'.repeat(60_000)}1${'}'.repeat(60_000)}`;
    const text = `{"name":"X","description":"${'y'.repeat(199_999)}😀","personality":"\\ud800","extensions":${deep}}`;
    const { definition, notes } = read(Buffer.from(text));
    expect(definition.description.length).toBe(200_000);
    expect(definition.description.isWellFormed()).toBe(true);
    expect(definition.personality).toBe('\ufffd');
    expect(definition.card.extensions.length).toBe(0);
    expect(notes.map(({ kind }) => kind)).toEqual(['cut_texts', 'extensions']);
  });

  it('has all of it again after an export', () => {
    const { definition, lorebook } = read(bytesOf('v2.png'));
    const sampling = { temperature: 0.4, xtc: null };
    const persona: Persona = { ...definition, sampling, id: 'p', changedAt: 0, picture: null };
    for (const exported of [
      Buffer.from(writeCardJson(persona, [lorebook!])),
      writeCardPng(persona, [lorebook!], plainPicture()),
      writeCardPng(persona, [lorebook!], readChunks(bytesOf('no-card.png'))),
    ]) {
      const again = read(exported);
      expect(again.definition).toEqual({ ...definition, sampling });
      expect(again.lorebook).toEqual({
        ...lorebook,
        entries: lorebook!.entries.map((entry) => ({ ...entry, matchCase: false, wholeWords: true })),
      });
    }
  });
});

describe('a lorebook of SillyTavern', () => {
  it('is read with a report of what differs, and written as it is read', () => {
    const notes = createNotes();
    const book = readLorebook(JSON.parse(bytesOf('world.json').toString()), 'Blue', notes);
    expect(book).toMatchObject({
      name: 'Blue',
      entries: [
        { title: 'Dragons', keys: ['dragon'], order: 50, place: 'before', enabled: true },
        { title: 'King', secondaryKeys: ['queen'], place: 'after', enabled: false },
      ],
    });
    expect(notes.list()).toEqual([
      { kind: 'logic', count: 1 },
      { kind: 'chances', count: 1 },
      { kind: 'at_depth', count: 1 },
      { kind: 'broken_entries', count: 1 },
    ]);
    const written = JSON.parse(JSON.stringify(worldInfo(book!))) as unknown;
    expect(readLorebook(written, '', createNotes())).toEqual(book);
    expect(readLorebook({ spec: 'lorebook_v3', data: { entries: [] } }, 'Empty', notes)).toMatchObject({
      name: 'Empty',
    });
    for (const none of [null, 5, [], { a: 1 }, { entries: 5 }]) expect(readLorebook(none, 'x', notes)).toBeNull();
  });
});
