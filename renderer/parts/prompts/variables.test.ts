import { describe, expect, it } from 'vitest';
import { filledPrompt, parsePrompt, problemOf, type PromptVariable } from './variables.ts';

const one = (text: string): PromptVariable | undefined => parsePrompt(text).variables[0];
const plain = { kind: 'text', choices: [], value: '', placeholder: '', required: false };
const fill = (text: string, values: Record<string, string> = {}, locale = 'en-US'): string =>
  filledPrompt(parsePrompt(text), new Map(Object.entries(values)), { now: new Date(2026, 10, 29, 9, 5), locale });

describe('variables', () => {
  it.each([
    ['{{topic}}', { ...plain, name: 'topic' }],
    ['{{ My topic }}', { ...plain, name: 'My topic' }],
    ['{{language|English}}', { ...plain, name: 'language', value: 'English' }],
    [
      '{{tone|friendly, formal,}}',
      { ...plain, name: 'tone', kind: 'select', choices: ['friendly', 'formal'], value: 'friendly' },
    ],
    ['{{größe|text}}', { ...plain, name: 'größe' }],
    // The examples of Open WebUI's documentation.
    [
      '{{name | text:placeholder="Enter name":required}}',
      { ...plain, name: 'name', placeholder: 'Enter name', required: true },
    ],
    ['{{description | textarea:required}}', { ...plain, name: 'description', kind: 'textarea', required: true }],
    [
      '{{priority | select:options=["High","Medium","Low"]:default="Medium":required}}',
      {
        name: 'priority',
        kind: 'select',
        choices: ['High', 'Medium', 'Low'],
        value: 'Medium',
        placeholder: '',
        required: true,
      },
    ],
    ['{{count | number:default=5}}', { ...plain, name: 'count', kind: 'number', value: '5' }],
    ['{{satisfaction | range:min=1:max=10}}', { ...plain, name: 'satisfaction', kind: 'number' }],
    [
      '{{include_hashtags | checkbox:default=true}}',
      { ...plain, name: 'include_hashtags', kind: 'checkbox', value: 'true' },
    ],
    ['{{include_details | checkbox}}', { ...plain, name: 'include_details', kind: 'checkbox', value: 'false' }],
    ['{{appointment | datetime-local}}', { ...plain, name: 'appointment', kind: 'datetime-local' }],
    ['{{brand_color | color:default="#FFFFFF"}}', { ...plain, name: 'brand_color', value: '#FFFFFF' }],
    [
      '{{steps | textarea:placeholder="1. Go to: a\\n2. \\"b\\""}}',
      { ...plain, name: 'steps', kind: 'textarea', placeholder: '1. Go to: a\n2. "b"' },
    ],
    ['{{bad | select:options=[High}}', { ...plain, name: 'bad' }],
    ['{{CLIPBOARD}}', { ...plain, name: 'CLIPBOARD', kind: 'clipboard' }],
  ] as const)('%s', (text, expected) => {
    expect(one(text)).toEqual(expected);
  });

  it('are asked for once, and the first description counts', () => {
    const { variables } = parsePrompt('{{a}} {{b|1,2}} {{a|x}} {{a|y}} {{b}}');
    expect(variables.map(({ name, value }) => [name, value])).toEqual([
      ['a', 'x'],
      ['b', '1'],
    ]);
  });

  it.each(['{{}}', '{{ }}', '{{ f(x) }}', '{{"a"}}', '{{1}}', '{{a\n}}', '{a}', '{{{a}}', '{{__proto__()}}', '{{a}'])(
    'are not what stands in %j',
    (text) => {
      expect(parsePrompt(text).variables.map(({ name }) => name)).toEqual(text === '{{{a}}' ? ['a'] : []);
      expect(fill(text, { a: '' })).toBe(text === '{{{a}}' ? '{' : text);
    },
  );

  it('stay text beyond fifty', () => {
    const text = Array.from({ length: 52 }, (_, index) => `{{v${index}}}`).join('');
    const parsed = parsePrompt(text);
    expect([parsed.variables.length, parsed.unreadable]).toEqual([50, ['{{v50}}', '{{v51}}']]);
    expect(fill(text)).toBe('{{v50}}{{v51}}');
  });

  it('of a hostile text of 100,000 characters are read in less than a second', () => {
    const started = performance.now();
    for (const text of ['{{', '{{a|', '{{a | select:options=[', '{{a | text:default="\\'])
      parsePrompt(text.repeat(Math.ceil(100_000 / text.length)).slice(0, 100_000));
    parsePrompt(`{{a | text${':a="'.repeat(480)}}}`.repeat(50));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('a filled prompt', () => {
  it('has the values at every place, also such that look like variables', () => {
    expect(fill('{{a}} and {{a|x}}, {{b}}.', { a: '{{b}}', b: '$&' })).toBe('{{b}} and {{b}}, $&.');
  });

  it('has dates and times in the language, whatever the case of their names', () => {
    expect(fill('{{date}}; {{CURRENT_WEEKDAY}}; {{USER_LANGUAGE}}')).toBe(
      'November 29, 2026; Sunday; American English',
    );
    expect(fill('{{Date}}', {}, 'de')).toBe('29. November 2026');
    expect(fill('{{time}}').replace(/\s/u, ' ')).toBe('9:05 AM');
    expect(parsePrompt('{{date}} {{day | date}}').variables.map(({ name }) => name)).toEqual(['day']);
  });

  it('is refused where something is missing or no number', () => {
    const [text, number] = parsePrompt('{{a | text:required}}{{n | number}}').variables as [
      PromptVariable,
      PromptVariable,
    ];
    expect([
      problemOf(text, ' '),
      problemOf(text, 'x'),
      problemOf(number, ''),
      problemOf(number, 'x'),
      problemOf(number, '1.5'),
    ]).toEqual(['required', null, null, 'number', null]);
  });
});
