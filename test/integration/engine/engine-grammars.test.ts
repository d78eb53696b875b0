/** Grammars: what is read here against what llama.cpp reads, and replies whose grammar leads nowhere. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LlamaGrammarEvaluationState } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followWays, readGrammar } from '../../../main/gbnf/gbnf.ts';
import { isAppError } from '../../../preload/wire/errors.ts';
import { emberPath, root, startChild, storiesPath, type TestChild } from '../../support/engine-child.ts';
import { startInProcess } from '../../support/engine-in-process.ts';

/** The examples that come with llama.cpp. */
const folder = path.join(root, 'node_modules/node-llama-cpp/llama/grammars');
const examples = readdirSync(folder)
  .filter((name) => name.endsWith('.gbnf'))
  .map((name) => [name, readFileSync(path.join(folder, name), 'utf8')] as const);

const sound = [
  'root ::= "a"',
  'root::="a"',
  'root ::=\n"a"',
  'root ::= "a"\r\nb ::= "c"\r',
  'root ::= "a" # a comment\n\n# another\n',
  'root ::= |',
  'root ::= "a" | | "b"',
  'root ::= []',
  'root ::= [^] "a"',
  'root ::= [z-a] | "a"',
  'root ::= [a-]',
  'root ::= [-+*/]',
  'root ::= "\\-" [a\\-z]',
  'root ::= [\\x00-\\x1F] | [^\\x00] | [\\u3041-\\u309F] | [\\U0001F600-\\U0010FFFF]',
  'root ::= "\\\\" "\\"" "\\[" "\\]" "\\t\\r\\n"',
  'root ::= "a\nb"',
  'root ::= ("a"\n | "b" # or\n)+',
  'root ::= "a"{2} "b"{2,} "c"{ 0 , 3 }',
  'root ::= "a"{0}',
  'root ::= "a"{1990}',
  'root ::= ("a" "b"){1900}',
  'root ::= a-1\na-1 ::= .',
  'root ::= "a"\nroot ::= "b"',
] as const;

const broken = [
  'root ::= "a',
  'root ::= [a-',
  'root ::= (((',
  'root ::= "a")',
  'root ::= missing',
  'root = "a"',
  'root ::= *',
  'root ::= "\\q"',
  'root ::= "\\x4"',
  'root ::= "a"{,3}',
  'root ::= "a"{1,2,3}',
  'root ::= "a"{99999999999999999999}',
  'root ::= "a"{0}*',
  'root ::= "a"\r"b"',
  'a_b ::= "c"',
  'root ::= root "a" | "b"',
  'root ::= \\a',
  'other ::= "a"',
  '',
] as const;

describe('a grammar', () => {
  it('is read where llama.cpp reads it, and refused by one of both where it is broken', async () => {
    const { llama, load } = await startInProcess();
    const { model } = await load(storiesPath);
    const readsHere = (text: string): boolean => {
      try {
        const rules = readGrammar(text);
        if (rules) followWays(rules, 'root');
        return rules !== null;
      } catch (error) {
        if (isAppError(error, 'invalid_input')) return false;
        throw error;
      }
    };
    const readsThere = async (grammar: string): Promise<boolean> => {
      try {
        new LlamaGrammarEvaluationState({ model, grammar: await llama.createGrammar({ grammar }) });
        return true;
      } catch {
        return false;
      }
    };
    expect(examples.length).toBeGreaterThanOrEqual(8);
    for (const text of [...examples.map(([, example]) => example), ...sound]) {
      expect(await readsThere(text), text).toBe(true);
      expect(readsHere(text), text).toBe(true);
    }
    for (const text of broken) expect(readsHere(text) && (await readsThere(text)), text).toBe(false);
  });
});

describe('a reply that is cut inside a character', () => {
  // Both vocabularies have these characters as several tokens only.
  it.each([emberPath, storiesPath])('has none of its bytes, at any token: %s', async (model) => {
    const child = startChild();
    try {
      await child.load(model);
      const grammar = { kind: 'gbnf', text: 'root ::= "a😀b"' } as const;
      const texts: string[] = [];
      for (let maxTokens = 1; texts.at(-1) !== 'a😀b' && maxTokens < 12; maxTokens++)
        texts.push((await child.reply({ rawPrompt: 'Once' }, { grammar, maxTokens })).content);
      expect([...new Set(texts)]).toEqual(['a', 'a😀', 'a😀b']);
      // More tokens than texts: some were cut inside of the character.
      expect(texts.length).toBeGreaterThan(3);
    } finally {
      await child.close();
    }
  });
});

describe('a reply whose grammar leads nowhere', () => {
  let child: TestChild;
  beforeAll(async () => {
    child = startChild();
    await child.load(storiesPath, { sequences: 2 });
  });
  afterAll(async () => await child.close());
  const once = { rawPrompt: 'Once upon a time' };

  it.each([
    ['at its first token', 'root ::= [z-a]', '', {}],
    ['after some text, which is kept', 'root ::= "the" " cat" [z-a]', 'the cat', {}],
    ['with log probabilities', 'root ::= "cat" [z-a]', 'cat', { logprobs: 2 }],
    ['at any temperature', 'root ::= "cat" [z-a]', 'cat', { temperature: 1, topK: 40, topP: 0.9 }],
  ])('ends alone, by name, and another goes on: %s', async (_, text, written, sampling) => {
    let isWriting = (): void => {};
    const writes = new Promise<void>((resolve) => (isWriting = resolve));
    const other = child.reply(once, { maxTokens: 300 }, {}, isWriting);
    await writes;
    let soFar = '';
    await expect(
      child.reply(once, { ...sampling, grammar: { kind: 'gbnf', text } }, {}, (content) => (soFar = content)),
    ).rejects.toMatchObject({ code: 'invalid_input', data: { reason: 'grammar_no_token', field: 'grammar' } });
    expect(soFar).toBe(written);
    expect((await other).result.generatedTokens).toBe(300);
    // Its sequence is free, and of use.
    expect((await child.reply(once, { maxTokens: 5 })).result.generatedTokens).toBe(5);
    expect(await child.client.call('ping', {})).toMatchObject({ activeSequences: 0, samplingMs: null, idleMs: null });
  });

  it.each([
    ['root ::= [\\UFFFFFFFF]', 'grammar_character'],
    ['root ::= <[999999999]>', 'grammar_token'],
    ['root ::= "a"{3,2}', 'grammar_repetition'],
  ])('is refused where that can be seen before: %s', async (text, reason) => {
    await expect(child.reply(once, { grammar: { kind: 'gbnf', text } })).rejects.toMatchObject({
      ...{ code: 'invalid_input', data: { field: 'grammar', rule: 'root', reason } },
    });
    expect((await child.reply(once, { maxTokens: 3 })).content).not.toBe('');
  });

  it('does not end as if it were complete where llama.cpp chooses the end of the turn', async () => {
    // Where no token is allowed, llama.cpp takes the first one, which ends the turn in some vocabularies.
    const bytes = readFileSync(storiesPath);
    const key = 'tokenizer.ggml.eos_token_id';
    bytes.writeUInt32LE(0, bytes.indexOf(key) + key.length + 4);
    const other = startChild();
    try {
      const file = path.join(other.folder, 'first-ends.gguf');
      writeFileSync(file, bytes);
      await other.load(file);
      for (const sampling of [{}, { temperature: 1, topK: 40 }, { logprobs: 2 }])
        await expect(
          other.reply(once, { ...sampling, grammar: { kind: 'gbnf', text: 'root ::= "cat" [z-a]' } }),
        ).rejects.toMatchObject({ code: 'invalid_input', data: { reason: 'grammar_no_token' } });
      for (const [text, written] of [
        ['root ::= "cat"', 'cat'],
        // The space at its beginning is part of what the grammar reads.
        ['root ::= " cat" | " cats are nice"', ' cat'],
      ] as const) {
        const { content, result } = await other.reply(once, { grammar: { kind: 'gbnf', text } });
        expect([content.startsWith(written), result.endReason]).toEqual([true, 'end_of_turn']);
      }
    } finally {
      await other.close();
    }
  });
});
