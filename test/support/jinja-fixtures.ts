/**
 * Compares our Jinja with jinja2, for which Python with jinja2 must be on the path.
 *
 * - `node test/support/jinja-fixtures.ts` renders the templates of test/fixtures/jinja, and those of models with the variables in
 *   test/fixtures/templates/options.json, again with jinja2 and writes its answers.
 * - `node test/support/jinja-fixtures.ts SEED COUNT` makes that many random templates and prints where the two differ.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readExactJson } from '../../preload/wire/json.ts';
import { isFailure } from '../../main/chat-format/jinja/values/errors.ts';
import { parseTemplate } from '../../main/chat-format/jinja/jinja.ts';
import { createProgramMaker, fixtureTime, programVariables, type JinjaCase } from './jinja-programs.ts';

const folder = path.join(import.meta.dirname, '../fixtures/jinja');

export interface JinjaAnswer {
  readonly ok?: string | undefined;
  /** The error's name in Python. */
  readonly error?: string | undefined;
  readonly message?: string | undefined;
}

function referenceAnswers(cases: readonly JinjaCase[]): JinjaAnswer[] {
  const input = cases.map((one) => `${JSON.stringify(one)}\n`).join('');
  const output = execFileSync('python3', [path.join(folder, 'reference.py')], { input, maxBuffer: 2 ** 31 });
  return output
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as JinjaAnswer);
}

export function ownAnswer({ template, variables }: JinjaCase): JinjaAnswer {
  try {
    return { ok: parseTemplate(template).render(variables, { now: () => fixtureTime }) };
  } catch (error) {
    // Anything but a failure of the template is a fault of ours.
    if (!isFailure(error)) throw error;
    return { error: error.kind, message: error.message };
  }
}

/** What Python prints of an object with its address, and what its own limits end, cannot be compared. */
function isComparable({ ok, error, message = '' }: JinjaAnswer): boolean {
  if (ok !== undefined) return !/ [ab]t 0x|reverseiterator/i.test(ok);
  return error !== 'RecursionError' && error !== 'NameError' && !message.includes('Tried to resolve');
}

function compare(seed: number, count: number): void {
  const maker = createProgramMaker(seed);
  const cases = Array.from({ length: count }, (_, at) => (at % 2 === 0 ? maker.expression() : maker.program()));
  const references = referenceAnswers(cases);
  const counts = { tried: count, rendered: 0, refused: 0, notComparable: 0, different: 0 };
  cases.forEach((one, at) => {
    const expected = references[at] ?? {};
    if (!isComparable(expected)) {
      counts.notComparable++;
      return;
    }
    const own = ownAnswer(one);
    if (own.ok !== undefined && own.ok === expected.ok) counts.rendered++;
    else if (own.error !== undefined && expected.error !== undefined) counts.refused++;
    else {
      counts.different++;
      console.log(JSON.stringify({ template: one.template, expected, own }, null, 1));
    }
  });
  console.log(JSON.stringify(counts));
}

/** Variables of its own belong to a template where it has some; their numbers are written as they stand there. */
function writeAnswers(file: string, shared: Readonly<Record<string, unknown>>): void {
  const target = path.join(folder, file);
  const old = readExactJson(readFileSync(target, 'utf8')) as readonly JinjaCase[];
  const answers = referenceAnswers(old.map(({ template, variables = shared }) => ({ template, variables })));
  const lines = old.flatMap(({ template, variables }, at) => {
    const { ok, error, message } = answers[at] ?? {};
    if (!isComparable({ ok, error, message })) return [];
    return [JSON.stringify({ template, variables, ...(ok === undefined ? { error } : { ok }) })];
  });
  writeFileSync(target, `[\n${lines.join(',\n')}\n]\n`);
}

const templates = path.join(import.meta.dirname, '../fixtures/templates');

/** What jinja2 makes of one conversation with each of these variables of a request. */
function writeOptionAnswers(): void {
  const file = path.join(templates, 'options.json');
  const old = JSON.parse(readFileSync(file, 'utf8')) as readonly { template: string; options: object }[];
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hello there' },
  ];
  const plain = { messages, tools: null, add_generation_prompt: true, bos_token: '<BOS>', eos_token: '<EOS>' };
  const cases = old.map(({ template, options }) => ({
    template: readFileSync(path.join(templates, template), 'utf8'),
    variables: { ...plain, ...options },
  }));
  const answers = referenceAnswers(cases);
  const lines = old.map(({ template, options }, at) => JSON.stringify({ template, options, text: answers[at]?.ok }));
  writeFileSync(file, `[\n${lines.join(',\n')}\n]\n`);
}

if (process.argv[1] === import.meta.filename) {
  const [seed, count] = process.argv.slice(2).map(Number);
  if (seed !== undefined && count !== undefined) compare(seed, count);
  else {
    writeAnswers('one-liners.json', {});
    writeAnswers('programs.json', programVariables);
    writeAnswers('numbers.json', {});
    writeOptionAnswers();
  }
}
