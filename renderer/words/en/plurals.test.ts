import { describe, expect, it } from 'vitest';
import type { LoadNote } from '../../../preload/contract/load-notes.ts';
import { en } from './en.ts';

/** Reads as 1 wherever a sentence asks for a fact. */
const ones = new Proxy({}, { get: () => 1 });

/** What a word function says of these numbers; nothing where it takes facts of another kind. */
function said(word: (...facts: never[]) => unknown, facts: readonly unknown[]): readonly string[] {
  try {
    const sentence: unknown = word(...(facts as never[]));
    return typeof sentence === 'string' ? [sentence] : [];
  } catch {
    return [];
  }
}

function everySentence(words: unknown): readonly string[] {
  if (typeof words === 'function') {
    const word = words as (...facts: never[]) => unknown;
    return [
      [1, 1, 1, 1, 1],
      [1, 30, 30, 30, 30],
      [false, 1, 1],
      ['', 1, '', 1, 1],
      [ones, ones],
    ].flatMap((facts) => said(word, facts));
  }
  return typeof words === 'object' && words !== null ? Object.values(words).flatMap(everySentence) : [];
}

/** `1 tokens`, and `1 of 30 layers are`. A speed has no singular: `1 tokens/s`. */
const wrong =
  /(?<![\d.,])1[ \u00a0](?:tokens|layers|files|models|shards|messages|replies|threads|cores|hits|lines|requests|certificates|others|revisions|connections)\b(?!\/)|(?<![\d.,])1(?: [a-z]+)? of [\d,]+ (?:[a-z]+ ){0,4}(?:are|were|fit)\b/;

const notes: readonly LoadNote[] = [
  { code: 'context_shortened', fromTokens: 2, toTokens: 1 },
  { code: 'gpu_layers_lowered', from: 2, to: 1, layerCount: 12 },
  { code: 'batch_lowered', fromTokens: 2, toTokens: 1 },
  { code: 'draft_model_unused', why: 'other_size', draftTokens: 1, modelTokens: 2 },
];

describe('a sentence with the number one', () => {
  it.each(['1 tokens.', '1 of 30 tokens were reused', '1 of 3 files of this model are missing', '1 more are here'])(
    'is found where it has the plural: %s',
    (sentence) => {
      expect(sentence).toMatch(sentence.startsWith('1 more') ? /1 more are/ : wrong);
    },
  );

  it('has the singular', () => {
    const sentences = [
      ...everySentence(en),
      ...notes.map(en.load.note),
      en.jobs.detail({ code: 'evicted', count: 2, evicted: [{ name: 'a', freedBytes: 1 }], remaining: null }),
    ];
    expect(sentences.length).toBeGreaterThan(200);
    expect(sentences.filter((sentence) => wrong.test(sentence) || sentence.includes('1 more are'))).toEqual([]);
  });
});
