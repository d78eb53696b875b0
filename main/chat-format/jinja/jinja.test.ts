import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  createProgramMaker,
  fixtureTime,
  programVariables,
  type JinjaCase,
} from '../../../test/support/jinja-programs.ts';
import { ownAnswer } from '../../../test/support/jinja-fixtures.ts';
import { readExactJson } from '../../../preload/wire/json.ts';
import { parseTemplate, type RenderOptions } from './jinja.ts';
import { isFailure } from './values/errors.ts';

interface Case {
  readonly template: string;
  readonly ok?: string;
  readonly error?: string;
}
type NumberCase = Case & JinjaCase;
const folder = path.join(import.meta.dirname, '../../../test/fixtures/jinja');
const casesOf = (file: string): readonly Case[] =>
  JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as readonly Case[];

/** Names under which Python's own compiler refuses what jinja2 lets pass. */
const sameError: Readonly<Record<string, string>> = { SyntaxError: 'TemplateSyntaxError', NameError: 'OverflowError' };

function differences(cases: readonly Case[], variables: Readonly<Record<string, unknown>>): unknown[] {
  return cases.flatMap(({ template, ok, error }) => {
    const own = ownAnswer({ template, variables });
    const isSame = own.ok === ok && (ok !== undefined || own.error === (sameError[error ?? ''] ?? error));
    return isSame ? [] : [{ template, ok, error, own }];
  });
}

const render = (
  template: string,
  variables: Record<string, unknown> = {},
  options: Partial<RenderOptions> = {},
): string => parseTemplate(template).render(variables, { now: () => fixtureTime, ...options });
/** The kind of error and its message. */
function refusal(template: string, options: Partial<RenderOptions> = {}): string {
  try {
    return render(template, {}, options);
  } catch (error) {
    if (isFailure(error)) return `${error.kind}: ${error.message}`;
    throw error;
  }
}

describe('answers of jinja2', () => {
  it('are given to each filter, test, method, operator and rule of white space', () => {
    const cases = casesOf('one-liners.json');
    expect(cases.length).toBeGreaterThan(550);
    expect(differences(cases, {})).toEqual([]);
  });

  it('are given to random expressions and programs', () => {
    const cases = casesOf('programs.json');
    expect(cases.length).toBeGreaterThan(400);
    expect(differences(cases, programVariables)).toEqual([]);
  });

  it('are given to numbers as they are written: of any size, and a float where there is a point or an exponent', () => {
    const cases = readExactJson(readFileSync(path.join(folder, 'numbers.json'), 'utf8')) as readonly NumberCase[];
    expect(cases.length).toBeGreaterThan(35);
    expect(cases.flatMap((one) => differences([one], one.variables))).toEqual([]);
  });

  it('or an error of the template, whatever it does: 3,000 random templates', () => {
    const maker = createProgramMaker(20_260_102);
    for (let tried = 0; tried < 1500; tried++) {
      ownAnswer(maker.expression());
      ownAnswer(maker.program());
    }
  });
});

describe('limits', () => {
  const endless = [
    ['{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}', 'steps'],
    [
      '{% set ns = namespace(l=[0]) %}{% for i in range(99999) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}',
      'deep',
    ],
    [
      '{% set ns = namespace(l=[0]) %}{% for i in range(90) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}',
      'steps',
    ],
    [
      '{% set ns = namespace(l=[0]) %}{% for i in range(90) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l|tojson }}',
      'steps',
    ],
    [
      '{% set ns = namespace(l=[0], m=[0]) %}{% for i in range(90) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.m = [ns.m, ns.m] %}{% endfor %}{{ ns.l == ns.m }}',
      'steps',
    ],
    ["{% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}", 'characters'],
    ["{% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}", 'characters'],
    ["{{ 'a' * 10 ** 9 }}", 'characters'],
    ['{{ [1] * 10 ** 9 }}', 'characters or items'],
    ["{{ 'a'.center(10 ** 10) }}", 'characters'],
    ["{{ '%1000000000d' % 5 }}", 'characters'],
    ["{{ '%.1000000000f' % 5 }}", 'digits'],
    ["{{ '{:1000000000}'.format(5) }}", 'characters'],
    ["{{ ('a' * 1000000).replace('a', 'b' * 1000000) }}", 'characters'],
    ["{{ ('a' * 1000000)|replace('', 'b' * 1000000) }}", 'characters'],
    ['{{ [1]|tojson(indent=10 ** 9) }}', 'characters'],
    ["{{ 'a'|indent(10 ** 9, true) }}", 'characters'],
    ['{{ 10 ** (10 ** 9) }}', 'digits'],
    ['{% set ns = namespace(n=3) %}{% for i in range(99) %}{% set ns.n = ns.n * ns.n %}{% endfor %}', 'digits'],
    ['{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', 'levels deep'],
    ['{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}', 'levels deep'],
    [`{{ ${'('.repeat(20_000)}1${')'.repeat(20_000)} }}`, 'nested'],
    [`{{ ${'['.repeat(20_000)}1${']'.repeat(20_000)} }}`, 'nested'],
    [`{{ ${'not '.repeat(20_000)}1 }}`, 'nested'],
    [`{{ ${'-'.repeat(20_000)}1 }}`, 'nested'],
    [`{{ 1${'.a'.repeat(200_000)} }}`, 'deep'],
    [`{{ 1${'|string'.repeat(200_000)} }}`, 'deep'],
    [`{{ 1${' + 1'.repeat(200_000)} }}`, 'deep'],
    ['{% if 1 %}'.repeat(20_000), 'nested'],
    ['{% filter upper %}'.repeat(20_000), 'nested'],
    ["{{ range(99999)|map('string')|join|length }}".repeat(30), 'steps'],
    ["{% set s = 'ab' * 1000000 %}{% for i in range(99999) %}{{ s[i] }}{% endfor %}", 'steps'],
    ["{% set s = 'ab' * 1000000 %}{% for i in range(99999) %}{{ s|length }}{% endfor %}", 'steps'],
    ["{% set s = 'ab' * 1000000 %}{% for i in range(99999) %}{{ s.count('c') }}{% endfor %}", 'steps'],
    ["{% set s = 'ab' * 1000000 %}{% for i in range(99999) %}{{ s[1:2] }}{% endfor %}", 'steps'],
    ["{% set s = 'ab' * 1000000 %}{% for i in range(99999) %}{{ s == s ~ 'c' }}{% endfor %}", 'steps'],
    [
      '{% set l = range(99999)|list %}{% for i in range(99999) %}{{ l.index(-1) if false else l.count(-1) }}{% endfor %}',
      'steps',
    ],
    ['{% set l = range(99999)|list %}{% for i in range(99999) %}{{ -1 in l }}{{ l == l[:] }}{% endfor %}', 'steps'],
    ["{{ ('-' * 1000000)|wordwrap(5) }}", 'characters'],
    ["{{ strftime_now('%c' * 500000) }}", 'steps'],
    ["{% set s = '\u{1f600}' * 1000000 %}{% for i in range(99999) %}{% set n = s|length %}{% endfor %}", 'steps'],
    ["{% set s = 'ab' * 1000000 %}{% for i in range(99999) %}{% set t = s|reverse %}{% endfor %}", 'steps'],
    ['{% set l = [0] * 1000000 %}{% for i in range(3000) %}{% set m = l[::-1] %}{% endfor %}', 'steps'],
    ['{% set n = 7 ** 5000 %}{% for i in range(99999) %}{% set m = n|string %}{% endfor %}', 'steps'],
    [
      '{% set n = 7 ** 5000 %}{% set k = 3 ** 4000 %}{% for i in range(99999) %}{% set m = n % k %}{% endfor %}',
      'steps',
    ],
  ] as const;
  it.for(endless.map(([template, limit]) => ({ name: template.slice(0, 90), template, limit })))(
    'end $name',
    ({ template, limit }) => {
      const before = process.cpuUsage();
      expect(refusal(template)).toMatch(new RegExp(`^LimitError: .*${limit}`));
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1000).toBeLessThan(20_000);
    },
  );

  it.for([
    // Quadratic in a naive form: a minute and more each. The right value is Python's.
    ["{{ (' a' * 1000000).rsplit(none, 900000)|length }}", '900001'],
    ["{{ (' a' * 1000000).split(none, 900000)|length }}", '900001'],
    ["{% set c = 'b' * 4000000 ~ 'a' %}{{ ('a' * 4000000).strip(c)|length }}", '0'],
  ] as const)('pass over long texts once: %s', ([template, expected]) => {
    const cpu = process.cpuUsage();
    expect(render(template)).toBe(expected);
    expect(process.cpuUsage(cpu).user / 1e6).toBeLessThan(10);
  });

  it('are those that the caller sets', () => {
    expect(refusal('{{ "abcdef" }}', { limits: { length: 5 } })).toContain('more than 5 characters');
    expect(refusal('{% for i in range(50) %}{{ i }}{% endfor %}', { limits: { steps: 20 } })).toContain('20 steps');
    expect(refusal('{{ [[[1]]] }}', { limits: { depth: 2 } })).toContain('2 levels');
  });

  it('leave a long conversation alone', () => {
    const messages = Array.from({ length: 5000 }, (_, at) => ({
      role: at % 2 ? 'assistant' : 'user',
      content: 'word '.repeat(200),
    }));
    const text = render('{% for m in messages %}<{{ m.role }}>{{ m.content|trim }}{% endfor %}', { messages });
    expect(text.length).toBeGreaterThan(5_000_000);
  });
});

describe('names', () => {
  it('reach nothing of ours', () => {
    for (const name of [
      'constructor',
      '__proto__',
      'prototype',
      'toString',
      'hasOwnProperty',
      'kind',
      'entries',
      'call',
    ])
      for (const value of ['{}', '[]', '""', '1', 'none', 'range', 'namespace()', 'cycler(1)', '(1, 2)', 'true'])
        expect([name, value, render(`{{ (${value}).${name} }}{{ (${value})['${name}'] }}`)]).toEqual([name, value, '']);
    const own = JSON.parse('{"__proto__": 1, "constructor": {"prototype": 2}}') as object;
    expect(render('{{ d.__proto__ }}{{ d.constructor.prototype }}{{ d }}', { d: own })).toBe(
      "12{'__proto__': 1, 'constructor': {'prototype': 2}}",
    );
  });
});

describe('time', () => {
  it('is the one that is given', () => {
    const now = (): typeof fixtureTime => ({ ...fixtureTime });
    expect(render("{{ strftime_now('%Y-%m-%d') }}", {}, { now })).toBe('2026-01-02');
  });
});

describe('errors', () => {
  it('name the line', () => {
    expect(refusal('a\n{{ 1 }}\n{% if true %}\n{{ none + 1 }}\n{% endif %}')).toBe(
      "TypeError: unsupported operand type(s) for +: 'NoneType' and 'int' (line 4)",
    );
    expect(refusal('a\n{% nope %}')).toContain('(line 2)');
    expect(refusal("\n{{ raise_exception('my own words') }}")).toBe('TemplateError: my own words');
    expect(refusal("{% include 'x' %}")).toBe(
      "TypeError: A chat template cannot use another template ('include'). (line 1)",
    );
  });
});
