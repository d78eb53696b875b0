/** Random templates: expressions of every filter, test, method and operator, and programs of every statement, from a seed. */

export interface JinjaCase {
  readonly template: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The time that the templates are told. */
export const fixtureTime = {
  ...{ year: 2026, month: 1, day: 2, hour: 15, minute: 4, second: 5 },
  microsecond: 678_000,
} as const;

/** What the templates are given. */
export const programVariables: Readonly<Record<string, unknown>> = {
  s: 'Hello big World',
  pad: '  pad\tded \n',
  empty: '',
  uni: 'é👍ßx',
  html: '<b class="x">&\'',
  lines: 'one\ntwo\r\n\nthree',
  n: 3,
  zero: 0,
  neg: -7,
  big: 123456789012,
  f: 2.5,
  yes: true,
  no: false,
  nil: null,
  l: [3, 1, 2],
  ls: ['b', 'A', 'c', 'a'],
  lm: [1, 'x', null, 2.5, true],
  le: [],
  ll: [
    [1, 2],
    [3, 4],
  ],
  d: { b: 'x', a: 1, c: null, 'd-e': [1] },
  de: {},
  dd: [{ a: 2, b: 'x' }, { a: 1, b: 'Y' }, { a: 2 }],
  m: [
    { role: 'system', content: ' Be brief.\n' },
    { role: 'user', content: 'Hi <there>' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ function: { name: 'f', arguments: { x: [1, 'y'], z: null } } }],
    },
  ],
};

/** Numbers between 0 and 1 from a seed. */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

type Make = (depth: number) => string;

export function createProgramMaker(seed: number): { expression(): JinjaCase; program(): JinjaCase } {
  const random = seededNumbers(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const chance = (share: number): boolean => random() < share;
  const one = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const pick = (depth: number, leaves: readonly string[], makers: readonly Make[]): string =>
    depth <= 0 || chance(0.2) ? one(leaves) : one(makers)(depth - 1);

  const names = ['x', 'y', 'ns.v', 'i'];
  const word = (): string =>
    one(["'a'", "'b c'", "'x'", "','", "' '", "'A-b'", "''", "'é👍'", "'%s|%s'", "'1.5'", "'42'", "'\\n'"]);
  const path = (): string => one(["'a'", "'b'", "'a.b'", "'role'", "'content'", '0', "'0'", "'tool_calls'"]);

  const text: Make = (depth) =>
    pick(
      depth,
      ['s', 'pad', 'empty', 'uni', 'html', 'lines', word(), 'd.b', 'm[0].content'],
      [
        (at) => `${text(at)} ~ ${any(at)}`,
        (at) => `(${text(at)} + ${text(at)})`,
        (at) =>
          `${atom(at, text)}|${one(['upper', 'lower', 'capitalize', 'title', 'trim', 'string', 'e', 'safe', 'striptags', 'urlencode', 'forceescape', 'reverse', 'first', 'last', 'indent', 'tojson', 'pprint'])}`,
        (at) =>
          `${atom(at, text)}|${one([`replace(${word()}, ${word()})`, `center(${count()})`, `truncate(${count()})`, `truncate(${count()}, true, '.', 0)`, `wordwrap(${count()})`, `indent(${count()}, ${bool(0)})`, `trim(${word()})`, `default(${word()})`, `join(${word()})`, `tojson(indent=${count()})`, `format(${any(0)}, ${any(0)})`, `xmlattr`])}`,
        (at) =>
          `(${text(at)}).${one(['upper', 'lower', 'capitalize', 'title', 'swapcase', 'strip', 'lstrip', 'rstrip', 'casefold'])}()`,
        (at) =>
          `(${text(at)}).${one([`strip(${word()})`, `lstrip(${word()})`, `rstrip(${word()})`, `replace(${word()}, ${word()})`, `replace(${word()}, ${word()}, ${number(0)})`, `center(${count()}, '*')`, `ljust(${count()})`, `rjust(${count()}, '-')`, `zfill(${count()})`, `removeprefix(${word()})`, `removesuffix(${word()})`, `expandtabs(${count()})`])}`,
        (at) => `(${text(at)})[${slice()}]`,
        (at) => `(${text(at)})[${number(0)}]`,
        (at) => `(${word()}).join(${list(at)})`,
        (at) => `(${word()} % ${one([`(${any(at)}, ${any(at)})`, any(at), `{'a': ${any(at)}}`])})`,
        (at) =>
          `${one(["'{}-{}'", "'{0!r:>8}'", "'{:>10}|{:<4}'", "'{a}{0}'", "'{:.2f}'", "'{:05d}'", "'{:,}'", "'{:x}'", "'{0[0]}'", "'{:^9.3}'"])}.format(${any(at)}, ${any(at)}, a=${any(0)})`,
        (at) =>
          `('%${one(['', '-', '0', '+', '#', ' '])}${one(['', '5', '12'])}${one(['', '.0', '.2', '.5'])}${one(['d', 's', 'r', 'f', 'e', 'g', 'x', 'o', 'c'])}' % ${number(at)})`,
        (at) =>
          `('{:${one(['', '*<', '>', '^', '=', '0='])}${one(['', '+', ' '])}${one(['', '#'])}${one(['', '0'])}${one(['', '8', '14'])}${one(['', ',', '_'])}${one(['', '.0', '.3'])}${one(['', 'd', 'f', 'e', 'g', 'x', 'b', '%', 's', 'G'])}}'.format(${number(at)}))`,
        (at) => `(${text(at)} if ${bool(at)} else ${text(at)})`,
        (at) => `(${text(at)} * ${one(['0', '2', 'n', 'true'])})`,
      ],
    );
  const count = (): string => one(['0', '1', '2', '4', '7', '10', 'n']);
  const slice = (): string => {
    const bound = (): string => one(['', '', '0', '1', '2', '-1', '-2', '5', 'n', 'neg', 'none']);
    return `${bound()}:${bound()}${one(['', '', ':', ':1', ':2', ':-1', ':-2'])}`;
  };
  const number: Make = (depth) =>
    pick(
      depth,
      [
        'n',
        'zero',
        'neg',
        'f',
        'big',
        'yes',
        '0',
        '1',
        '2',
        '7',
        '-3',
        '1.5',
        '0.1',
        '1e3',
        '100000',
        'd.a',
        'l[0]',
        'i',
      ],
      [
        (at) => `(${number(at)} ${one(['+', '-', '*', '/', '//', '%'])} ${number(at)})`,
        () => `(${one(['2', 'n', '(-2)', 'f', '10'])} ** ${one(['0', '1', '2', '3', '-1', 'n'])})`,
        (at) =>
          `${atom(at, list)}|${one(['length', 'count', 'sum', 'max', 'min', 'first', 'last', `sum(attribute=${path()})`, `max(attribute=${path()})`])}`,
        (at) => `${atom(at, text)}|${one(['length', 'wordcount', 'int', 'float'])}`,
        (at) =>
          `${atom(at, number)}|${one(['int', 'float', 'abs', 'round', 'filesizeformat', `round(${one(['0', '1', '2', '-1'])}, '${one(['common', 'ceil', 'floor'])}')`, `int(${number(0)}, ${one(['2', '8', '10', '16', '0'])})`, `float(${number(0)})`])}`,
        (at) =>
          `(${text(at)}).${one(['find', 'rfind', 'index', 'count'])}(${word()}${one(['', ', 1', ', -3', ', 0, 3'])})`,
        (at) => `(${list(at)}).${one(['count', 'index'])}(${any(at)})`,
        (at) => `-${number(at)}`,
        (at) => `(${number(at)} ${one(['and', 'or'])} ${number(at)})`,
      ],
    );
  const kinds = [
    'defined',
    'undefined',
    'none',
    'string',
    'number',
    'integer',
    'float',
    'mapping',
    'sequence',
    'iterable',
    'boolean',
    'true',
    'false',
    'odd',
    'even',
    'lower',
    'upper',
    'callable',
    'escaped',
  ];
  const bool: Make = (depth) =>
    pick(
      depth,
      ['yes', 'no', 'true', 'false', 'nil', 'x', 'zero', 'le'],
      [
        (at) => `(${any(at)} ${one(['==', '!='])} ${any(at)})`,
        (at) => `(${number(at)} ${one(['<', '<=', '>', '>='])} ${number(at)})`,
        (at) => `(${one([text, list, any])(at)} ${one(['<', '>='])} ${one([text, list, any])(at)})`,
        (at) => `(${any(at)} ${one(['in', 'not in'])} ${one([list, text, dict])(at)})`,
        (at) => `(${any(at)} ${one(['is', 'is not'])} ${one(kinds)})`,
        (at) =>
          `(${any(at)} is ${one([`eq(${any(at)})`, `ne(${any(at)})`, `gt(${number(at)})`, `le(${number(at)})`, `divisibleby(${number(at)})`, `in(${list(at)})`, 'filter', 'test'])})`,
        (at) => `(not ${any(at)})`,
        (at) => `(${any(at)} ${one(['and', 'or'])} ${any(at)})`,
        (at) => `(${text(at)}).${one(['startswith', 'endswith'])}(${one([word(), `(${word()}, ${word()})`])})`,
        (at) =>
          `(${text(at)}).${one(['isdigit', 'isalpha', 'isalnum', 'isspace', 'isupper', 'islower', 'istitle', 'isnumeric', 'isdecimal', 'isidentifier', 'isprintable', 'isascii'])}()`,
        (at) => `(${number(at)} ${one(['<', '<='])} ${number(at)} ${one(['<', '==', '>='])} ${number(at)})`,
      ],
    );
  const list: Make = (depth) =>
    pick(
      depth,
      ['l', 'ls', 'lm', 'le', 'll', 'dd', 'm', '[]', '(1, 2)', 'range(4)'],
      [
        (at) => `[${any(at)}, ${any(at)}]`,
        (at) => `(${any(at)}, ${any(at)})`,
        (at) => `(${list(at)} + ${list(at)})`,
        (at) => `(${list(at)})[${slice()}]`,
        (at) =>
          `${list(at)}|${one(['list', 'sort', 'reverse|list', 'unique|list', 'select|list', 'reject|list', 'map("string")|list', 'map("upper")|list', 'map("length")|list', 'map("int")|list', 'map("first")|list', 'sort(reverse=true)', 'sort(case_sensitive=true)', 'items|list', 'batch(2)|list', 'slice(2)|list'])}`,
        (at) =>
          `${list(at)}|${one([`map(attribute=${path()})|list`, `map(attribute=${path()}, default=${any(0)})|list`, `selectattr(${path()})|list`, `rejectattr(${path()})|list`, `selectattr(${path()}, '${one(['eq', 'ne', 'in', 'gt', 'equalto'])}', ${any(0)})|list`, `selectattr(${path()}, '${one(kinds)}')|list`, `select('${one(kinds)}')|list`, `reject('${one(['eq', 'gt', 'in'])}', ${any(0)})|list`, `sort(attribute=${path()})`, `groupby(${path()})`, `groupby(${path()}, default=${any(0)})`, `unique(attribute=${path()})|list`, `batch(${count()}, ${any(0)})|list`, `slice(${count()}, ${any(0)})|list`, `map('replace', ${word()}, ${word()})|list`, `map('default', ${any(0)})|list`])}`,
        (at) =>
          `${dict(at)}|${one(['dictsort', 'items|list', 'list', "dictsort(by='value')", 'dictsort(true, reverse=true)', 'reverse|list'])}`,
        (at) => `(${dict(at)}).${one(['items', 'keys', 'values'])}()`,
        (at) => `(${dict(at)}).${one(['items', 'keys', 'values'])}()|list`,
        (at) =>
          `(${text(at)}).${one(['split', 'rsplit'])}(${one(['', word(), `${word()}, 1`, 'none, 1', `${word()}, maxsplit=0`])})`,
        (at) =>
          `(${text(at)}).${one(['splitlines()', 'splitlines(true)', `partition(${word()})`, `rpartition(${word()})`])}`,
        (at) => `(${text(at)})|list`,
        () => `range(${one(['', '1, ', '-2, '])}${count()})|list`,
        (at) => `(${list(at)} * ${one(['0', '1', '2'])})`,
      ],
    );
  const dict: Make = (depth) =>
    pick(
      depth,
      ['d', 'de', 'dd[0]', 'm[1]', '{}', 'm[2].tool_calls[0].function'],
      [
        (at) => `{${any(at)}: ${any(at)}, 'a': ${any(at)}}`,
        (at) => `{'k': ${any(at)}}`,
        (at) => `dict(${dict(at)}, z=${any(at)})`,
        (at) => `dict(${list(at)})`,
        (at) => `(${list(at)})[${number(0)}]`,
      ],
    );
  const any: Make = (depth) =>
    pick(
      depth,
      ['nil', 'none', 'nope', 's', 'n', 'f', 'l', 'd', 'yes', word(), one(names), '1', "'a'"],
      [
        text,
        text,
        number,
        number,
        list,
        list,
        bool,
        dict,
        (at) => `(${any(at)})[${any(at)}]`,
        (at) => `(${any(at)}).${one(['a', 'b', 'role', 'items', 'real', 'nope', 'content', 'upper', 'x'])}`,
        (at) => `(${dict(at)}).get(${any(at)}${one(['', `, ${any(at)}`])})`,
        (at) => `(${any(at)} if ${bool(at)}${one(['', ` else ${any(at)}`])})`,
        (at) => `${atom(at)}|default(${any(at)}${one(['', ', true'])})`,
        (at) => `${atom(at)}|attr('${one(['real', 'a', 'items'])}')`,
      ],
    );
  const atom = (depth: number, typed: Make = any): string => `(${(chance(0.9) ? typed : any)(depth)})`;

  const space = (): string => one(['', '', '', ' ', '\n', '  \n', '\n  ', '\t', '\n\n', ' a', 'b ', 'c\n', '<i>', "'"]);
  const open = (): string => one(['{%', '{%', '{%', '{%-', '{%+']);
  const close = (): string => one(['%}', '%}', '%}', '-%}', '+%}']);
  const tag = (inside: string): string => `${open()} ${inside} ${close()}`;
  const print = (inside: string): string => `${one(['{{', '{{-', '{{'])} ${inside} ${one(['}}', '-}}', '}}'])}`;
  const target = (): string => one(['x', 'y', 'x', 'i']);

  const body = (depth: number): string => {
    let parts = space();
    for (let left = 1 + below(3); left > 0; left--) parts += statement(depth) + space();
    return parts;
  };
  const statement: Make = (depth) => {
    if (depth <= 0)
      return one([
        print(any(1)),
        print(one(names)),
        tag(`set ${target()} = ${any(1)}`),
        `{#${one(['', '-'])} c ${one(['', '-'])}#}`,
      ]);
    return one<() => string>([
      () => print(any(below(3))),
      () =>
        print(one(['x', 'y', 'i', 'ns.v', 'loop.index if loop', '[loop.last, loop.length] if loop', 'x is defined'])),
      () => tag(`set ${target()} = ${any(below(3))}`),
      () => tag(`set ns.v = ${any(1)}`),
      () => tag(`set x, y = ${one([list(0), ...Array.from({ length: 6 }, () => `${any(1)}, ${any(1)}`)])}`),
      () =>
        tag(`set ${target()}${one(['', ' | upper', ' | trim | replace("a", x)', ` | default(y)`])}`) +
        body(depth - 1) +
        tag('endset'),
      () =>
        tag(`if ${bool(1)}`) +
        body(depth - 1) +
        (chance(0.4) ? tag(`elif ${bool(1)}`) + body(depth - 1) : '') +
        (chance(0.4) ? tag('else') + body(depth - 1) : '') +
        tag('endif'),
      () => loop(depth),
      () => loop(depth),
      () => tag(`with ${target()} = ${any(1)}${one(['', `, y = ${any(1)}`])}`) + body(depth - 1) + tag('endwith'),
      () =>
        tag(`filter ${one(['upper', 'trim', 'replace("a", "b")', 'e', 'indent(2)', 'title|lower', 'default(x)'])}`) +
        body(depth - 1) +
        tag('endfilter'),
      () =>
        tag(`macro q(x${one(['', '=1', `=${any(1)}`])}${one(['', ', y=x', ', z=none'])})`) +
        body(depth - 1) +
        one(['', print('varargs'), print('kwargs'), print('caller() if caller else 1')]) +
        tag('endmacro'),
      () => print(`q(${one(['', any(1), `${any(1)}, ${any(1)}`, `x=${any(1)}`, `y=${any(1)}`])}) if q`),
      () =>
        tag('if q') +
        tag(`call${one(['', '(i)', '(i, y=2)'])} q(${any(1)})`) +
        body(depth - 1) +
        tag('endcall') +
        tag('endif'),
      () => tag('generation') + body(depth - 1) + tag('endgeneration'),
      () =>
        `{%${one(['', '-'])} raw ${one(['', '-'])}%}${space()}{{ x }}${space()}{%${one(['', '-', '+'])} endraw ${one(['', '-', '+'])}%}`,
      () =>
        tag(`block ${one(['p', 'r', 't'])}${below(1000)}${one(['', ' scoped'])}`) + body(depth - 1) + tag('endblock'),
    ])();
  };
  const loop: Make = (depth) => {
    const test = one(['', '', ` if ${bool(1)}`, ' if i', ` if i is not none and i != ${any(0)}`]);
    const recursive = chance(0.15);
    const head = one([
      () => `for ${target()} in ${list(2)}${test}`,
      () => `for ${target()} in ${one(['l', 'ls', 'lm', 'm', 'dd', 'range(3)', 'uni', 'le', 'nope'])}${test}`,
      () =>
        `for x, y in ${one(['d.items()', 'll', 'd|dictsort', 'd|items', "dd|groupby('a')", 'm|groupby("role")', list(0)])}`,
    ])();
    const inner = body(depth - 1);
    const control = chance(0.2) ? tag(`if ${bool(1)}`) + tag(one(['break', 'continue'])) + tag('endif') + space() : '';
    const deeper = recursive ? print(`loop(${one(['le', 'l[:loop.depth - 1]', 'i', 'x'])}) if loop.depth < 3`) : '';
    const state = one([
      '',
      '',
      print('loop.index'),
      print('loop.revindex0'),
      print('loop.previtem'),
      print('loop.nextitem'),
      print('loop.changed(x)'),
      print("loop.cycle('a', 'b')"),
      print('loop.first and loop.last'),
    ]);
    const otherwise = chance(0.3) ? tag('else') + body(depth - 1) : '';
    return tag(head + (recursive ? ' recursive' : '')) + state + control + inner + deeper + otherwise + tag('endfor');
  };

  return {
    expression: () => ({ template: `{{ ${any(3)} }}`, variables: programVariables }),
    program: () => ({
      template: `${chance(0.97) ? '{% set ns = namespace(v=0) %}' : ''}${body(3)}${chance(0.3) ? '\n' : ''}`,
      variables: programVariables,
    }),
  };
}
