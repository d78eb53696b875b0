/** Vocabularies as GGUF metadata, against what the reference converter writes. */
import { describe, expect, it } from 'vitest';
import { readTokenizerHead } from '../../../main/convert/vocabulary/tokenizer-head.ts';
import { readVocabulary } from '../../../main/convert/vocabulary/vocabulary.ts';
import type { GgufEntry } from '../../../main/model-file/gguf-entry.ts';
import { readTokenizerFiles, tokenizerFixtures, type ExpectedVocabulary } from '../../support/conversion-fixtures.ts';

/** The rows of a BERT's table of token types, which its architecture names. */
const ofWeights = 'tokenizer.ggml.token_type_count';

function plain(entry: GgufEntry): unknown {
  return typeof entry.value === 'object' ? [...entry.value] : entry.value;
}

function architectureOf({ gguf }: ExpectedVocabulary): string {
  return String(gguf.metadata['general.architecture']?.value);
}

describe.each(tokenizerFixtures())('the vocabulary of $name', ({ folder, config, expected }) => {
  const architecture = architectureOf(expected);
  const files = readTokenizerFiles(folder);

  it('has the entries that the reference converter writes', () => {
    const vocabulary = readVocabulary(files, { architecture, config });
    const entries = Object.fromEntries(vocabulary.entries.map((entry) => [entry.key, plain(entry)]));
    const { metadata, arrays, insignificant_metadata: insignificant = [] } = expected.gguf;
    const wanted = Object.fromEntries(
      [
        ...Object.entries(metadata).map(([key, { value }]) => [key, value] as const),
        ...Object.entries(arrays).map(([key, { values }]) => [key, values] as const),
      ].filter(([key]) => key.startsWith('tokenizer.') && key !== ofWeights),
    );
    for (const key of insignificant) {
      expect(entries[key]).toBeTypeOf(typeof wanted[key]);
      entries[key] = wanted[key];
    }
    expect(entries).toEqual(wanted);
  });

  it('is known from the head of tokenizer.json, and a shorter head says that more is needed', () => {
    const bytes = files.get('tokenizer.json');
    if (bytes === undefined) throw new Error('no tokenizer.json');
    const whole = readTokenizerHead(bytes, architecture);
    const { kind, preTokenizer } = readVocabulary(files, { architecture, config });
    expect(whole?.kind).toBe(kind);
    if (kind === 'byte_level') expect(whole?.preTokenizer).toBe(preTokenizer);
    let firstLength: number | null = null;
    for (let length = 0; length < bytes.length; length += 61) {
      const head = readTokenizerHead(bytes.subarray(0, length), architecture);
      if (head === null) expect(firstLength).toBeNull();
      else {
        firstLength ??= length;
        expect(head).toEqual(whole);
      }
    }
    const vocabularyAt = Buffer.from(bytes).indexOf('"vocab"');
    expect(firstLength).toBeGreaterThan(vocabularyAt);
    expect(firstLength).toBeLessThan(vocabularyAt + 100);
  });
});

describe('a vocabulary in which two ids have one text', () => {
  const fixture = tokenizerFixtures().find(({ name }) => name === 'small/gpt2');
  if (fixture === undefined) throw new Error('no fixture');
  const files = readTokenizerFiles(fixture.folder);
  const model = { architecture: 'gpt2', config: {} };

  /** The file with one more added token, whose id follows those that are there. */
  function withAdded(content: string): Map<string, Uint8Array> {
    const json = JSON.parse(new TextDecoder().decode(files.get('tokenizer.json'))) as {
      added_tokens: { id: number; content: string }[];
    };
    const last = json.added_tokens.at(-1);
    if (last === undefined) throw new Error('no added token');
    json.added_tokens.push({ ...last, id: last.id + 1, content });
    return new Map([...files, ['tokenizer.json', new TextEncoder().encode(JSON.stringify(json))]]);
  }

  it('is refused with both ids, over which llama.cpp would end its process', () => {
    expect(() => readVocabulary(withAdded('he'), model)).toThrow(
      expect.objectContaining({
        code: 'convert.unsupported',
        data: {
          reason: 'tokenizer',
          detail: expect.stringMatching(/^The ids \d+ and \d+ have the same text "he"\.$/u),
        },
      }),
    );
  });

  it('is none where llama.cpp gives an empty text a name of its own', () => {
    expect(readVocabulary(withAdded(''), model).tokenCount).toBe(readVocabulary(files, model).tokenCount + 1);
  });
});

/** The entries for templates, of a tokenizer with these in tokenizer_config.json. */
function templateEntries(template: unknown): Readonly<Record<string, unknown>> {
  const fixture = tokenizerFixtures().find(({ name }) => name.includes('qwen3'));
  if (fixture === undefined) throw new Error('no fixture');
  const files = new Map(readTokenizerFiles(fixture.folder));
  files.delete('chat_template.jinja');
  const config = JSON.parse(Buffer.from(files.get('tokenizer_config.json') ?? []).toString()) as object;
  files.set('tokenizer_config.json', Buffer.from(JSON.stringify({ ...config, chat_template: template })));
  const { entries } = readVocabulary(files, { architecture: 'qwen3', config: fixture.config });
  return Object.fromEntries(
    entries.filter(({ key }) => key.includes('chat_template')).map((entry) => [entry.key, plain(entry)]),
  );
}

describe('templates of tokenizer_config.json', () => {
  const named = { 'tokenizer.chat_template': 'd', 'tokenizer.chat_template.tool_use': 't' };

  it('are a text, a list with names, or an object', () => {
    expect(templateEntries('d')).toEqual({ 'tokenizer.chat_template': 'd' });
    const wanted = { ...named, 'tokenizer.chat_templates': ['tool_use'] };
    const list = [
      { name: 'default', template: 'd' },
      { name: 'tool_use', template: 't' },
    ];
    expect(templateEntries(list)).toEqual(wanted);
    expect(templateEntries({ default: 'd', tool_use: 't' })).toEqual(wanted);
  });

  it('that are no text in an object are left out', () => {
    expect(templateEntries({ default: 'd', tool_use: { a: 1 }, none: null })).toEqual({
      'tokenizer.chat_template': 'd',
    });
  });
});
