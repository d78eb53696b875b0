/** Every sentence of the page comes from renderer/words, and every reason in an error of main has its words there. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { errors } from '../../../renderer/words/en/errors.ts';
import { errorMakers, errorReasons } from '../../support/error-reasons.ts';
import { literalSentences } from '../../support/literal-sentences.ts';

const root = path.join(import.meta.dirname, '../../..');

/** Literals that look like sentences and are none, by file. */
const allowed: Readonly<Record<string, { readonly texts: readonly string[]; readonly because: string }>> = {
  'renderer/ui/shortcut.ts': {
    texts: ['Mod', 'Shift', 'Alt', 'Ctrl', 'Esc', 'Enter'],
    because: 'keys as they are printed',
  },
  'renderer/navigation/keymap.ts': { texts: ['Home', 'End'], because: 'keys as the browser names them' },
  'renderer/ui/layers/Toaster.tsx': { texts: ['additions text'], because: 'a value of aria-relevant' },
  'renderer/parts/models/model-words.ts': { texts: ['LM Studio', 'Ollama', 'Jan'], because: 'names of programs' },
  'renderer/parts/sampling/SamplingMore.tsx': {
    texts: ['root ::= "yes" | "no"'],
    because: 'an example in the language of grammars',
  },
  'renderer/features/settings/Network.tsx': {
    texts: ['https://hub.example.org', 'http://user:password@proxy.example.org:3128', '-----BEGIN CERTIFICATE-----'],
    because: 'examples of addresses, and the first line of every certificate',
  },
  'renderer/features/server/connect/snippets.ts': {
    texts: [
      ...["-H 'Authorization: Bearer", "-H 'Content-Type: application/json' \\", 'from openai import OpenAI'],
      ...["import OpenAI from 'openai';", 'const client = new OpenAI({ baseURL:'],
      ...['const reply = await client.chat.completions.create({', '- name: Hearth', 'provider: openai'],
      ...['roles: [chat, edit, apply]', 'API Provider  OpenAI Compatible', 'Base URL', 'API Key', 'Model ID'],
    ],
    because: 'code and settings, and fields as Cline names them',
  },
  'renderer/features/settings/elsewhere/ProviderForm.tsx': {
    texts: ['http://gpu.local:8000/v1', '-----BEGIN CERTIFICATE-----'],
    because: 'an example of an address, and the first line of every certificate',
  },
  'renderer/features/chat/markdown/plugins.ts': {
    texts: ['The text is nested too deeply.'],
    because: 'an error that the block catches, which then shows the text as it is',
  },
  'renderer/features/chat/markdown/code/tokens-of-html.ts': { texts: ['title'], because: 'a kind of token in code' },
  'renderer/features/library/AddFiles.tsx': { texts: ['Files'], because: 'a type of a drag in the browser' },
  'renderer/features/discover/fit-choices.ts': { texts: ['F16', 'Q8_0', 'Q4_0'], because: 'names of ggml types' },
};

const files = globSync('renderer/**/*.{ts,tsx}', { cwd: root })
  .map((file) => file.split(path.sep).join('/'))
  .filter((file) => !file.startsWith('renderer/words/') && !/\.test\.tsx?$/.test(file));

describe('the page', () => {
  it('takes every sentence from renderer/words', () => {
    expect(files.length).toBeGreaterThan(100);
    const found = files.flatMap((file) =>
      literalSentences(file, readFileSync(path.join(root, file), 'utf8'))
        .filter(({ text }) => !allowed[file]?.texts.includes(text))
        .map(({ line, text }) => `${file}:${line} ${text}`),
    );
    expect(found).toEqual([]);
  });

  it.each([
    ['<p>Nothing here</p>', 'Nothing here'],
    ['<p>{count} files</p>', 'files'],
    ['<button aria-label="Close">×</button>', 'Close'],
    ['<Button label={open ? "Less" : more} />', 'Less'],
    ['<p>{open ? "less" : words.ui.more}</p>', 'less'],
    ['<p title={`Free ${size}`} />', 'Free'],
    ['toast({ text: "saved" })', 'saved'],
    ['useCommand({ id: "a.b", title: "New chat" })', 'New chat'],
    ['useCommand({ keywords: ["disk"] })', 'disk'],
    ['const hint = "Nothing has happened yet."', 'Nothing has happened yet.'],
    ['function name() { return "Engine"; }', 'Engine'],
    ['const x = `${count} files are left`', 'files are left'],
    ['say("It was deleted")', 'It was deleted'],
  ])('is caught with a sentence of its own: %s', (source, text) => {
    expect(literalSentences('sample.tsx', source)).toEqual([{ line: 1, text }]);
  });

  it.each([
    '<p className="chat-row wide">{words.ui.more}</p>',
    '<svg viewBox="0 0 26 26" aria-hidden />',
    '<p>{formatBytes(size)} · {count}</p>',
    'if (event.key === "Escape") close()',
    'switch (key) { case "ArrowDown": break }',
    'document.querySelector("main button")',
    'throw new Error("The page has no #root.")',
    'import { a } from "./some words.ts"',
    'const color = "color-mix(in srgb, var(--c-weights) 45%, var(--c-other))"',
  ])('may say to a program what it likes: %s', (source) => {
    expect(literalSentences('sample.tsx', source)).toEqual([]);
  });
});

describe('the reasons of errors', () => {
  const given = globSync(['main/**/*.ts', 'native/**/*.ts'], { cwd: root })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) => errorReasons(file, readFileSync(path.join(root, file), 'utf8')));

  it('have words for each reason that main gives', () => {
    expect(given.length).toBeGreaterThan(50);
    expect(given.filter(({ code, reason }) => errors.byCode[code].reasons?.[reason] === undefined)).toEqual([]);
  });

  it('are found in the calls of every function that makes errors', () => {
    const silent = errorMakers.filter(
      ({ code, files }) => !given.some((one) => one.code === code && files.test(one.file)),
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it.each([
    ["invalidCheckpoint({ reason: 'gap', detail })", 'convert.invalid gap'],
    ["invalidCheckpoint({ ...{ reason: 'gap', file }, detail })", 'convert.invalid gap'],
    ["unsupportedTokenizer('tokenizer', detail)", 'convert.unsupported tokenizer'],
    ["invalidTokenizer(FILE, isLong ? 'too_large' : 'json', detail)", 'tokenizer.invalid json'],
  ])('are found in %s', (source, reason) => {
    const found = errorReasons('main/convert/sample.ts', source);
    expect(found.map((one) => `${one.code} ${one.reason}`)).toContain(reason);
  });
});

describe('what people read', () => {
  /** The texts with words in them of a file: its strings, and the pieces of its templates. */
  const textsOf = (file: string): string[] => {
    const texts: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
        texts.push(node.text);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest));
    return texts.filter((text) => /\s|^[A-Z]/.test(text));
  };
  const texts = ['renderer/words/en/*.ts', 'main/cli/**/*.ts']
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) => textsOf(file).map((text) => `${file.replaceAll('\\', '/')}: ${text}`));

  it('has one spelling of each word, the American one', () => {
    expect(texts.length).toBeGreaterThan(900);
    const british =
      /\b(quantis\w*|licen[c]e\w*|colou?r(?<!color)\w*|behaviour\w*|(organ|optim|recogn|initial|summar|normal|visual|minim|maxim)is(e|ed|es|ing|ation)\b|cancell(ed|ing)|centre\w*|catalogue\w*|grey|analyse\w*|favour\w*|neighbour\w*|whilst|learnt)\b/i;
    expect(texts.filter((text) => british.test(text))).toEqual([]);
  });

  it('has one name for each act and each thing', () => {
    // Try again, Load settings, Context size, Sampling: see docs/glossary.md.
    const others = /\b(retry|how it loads|more room|room for the conversation|trained for|guessing ahead|variety)\b/i;
    expect(texts.filter((text) => others.test(text))).toEqual([]);
  });
});
