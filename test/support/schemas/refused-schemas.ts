/** Schemas that are refused, each with the keyword that the refusal must name. */
import type { Json } from '../../../main/json-schema/json-schema.ts';

const deep = (levels: number, key: string): Json =>
  Array.from({ length: levels }).reduce<Json>((inner) => ({ [key]: inner }), { type: 'string' });

export const refusedSchemas: readonly (readonly [keyword: string, schema: Json])[] = [
  ['type', { type: 'strnig' }],
  ['type', { type: ['string', 7] }],
  ['type', { type: null }],
  ['enum', { enum: 'a' }],
  ['minimum', { minimum: '3' }],
  ['minLength', { type: 'string', minLength: -1 }],
  ['minLength', { type: 'string', minLength: 1.5 }],
  ['multipleOf', { type: 'number', multipleOf: 0 }],
  ['multipleOf', { type: 'integer', multipleOf: 9973 }],
  ['multipleOf', { type: 'number', multipleOf: 0.0000001234567 }],
  ['minimum', { type: 'number', minimum: 1e300 }],
  ['required', { type: 'object', required: 'a' }],
  ['required', { type: 'object', required: [1] }],
  ['properties', { type: 'object', properties: [] }],
  ['pattern', { type: 'string', pattern: '(' }],
  ['pattern', { type: 'string', pattern: '[z-a]' }],
  ['pattern', { type: 'string', pattern: '(a)\\1' }],
  ['pattern', { type: 'string', pattern: '\\bword\\b' }],
  ['pattern', { type: 'string', pattern: '(?<=a)b' }],
  ['pattern', { type: 'string', pattern: 'a(?=b)c' }],
  ['pattern', { type: 'string', pattern: '*a' }],
  ['pattern', { type: 'string', pattern: 'a{9999}' }],
  ['pattern', { type: 'string', pattern: '^\\p{Nothing}$' }],
  ['pattern', { type: 'string', pattern: '(?:(?:a{0,200}){0,200}){0,200}' }],
  ['pattern', { type: 'string', pattern: '(.*a){0,9}.{12}a.{12}b' }],
  ['pattern', { type: 'string', pattern: '('.repeat(5000) + ')'.repeat(5000) }],
  ['pattern', { type: 'string', pattern: 7 }],
  ['maxLength', { type: 'string', pattern: '^[a-z]+$', maxLength: 1_000_000 }],
  ['format', { type: 'string', format: 'regex' }],
  ['format', { type: 'string', format: 'idn-email' }],
  ['uniqueItems', { type: 'array', items: { type: 'string' }, uniqueItems: true }],
  ['maxContains', { type: 'array', contains: { type: 'string' }, maxContains: 2 }],
  ['minContains', { type: 'array', contains: { type: 'string' }, minContains: 3 }],
  ['contains', { type: 'array', contains: { type: 'string' }, maxItems: 4 }],
  ['maxItems', { type: 'array', maxItems: 1_000_000 }],
  ['minItems', { type: 'array', minItems: 1_000_000 }],
  ['minProperties', { type: 'object', minProperties: 3 }],
  ['maxProperties', { type: 'object', maxProperties: 1_000_000, additionalProperties: true }],
  [
    'patternProperties',
    { type: 'object', patternProperties: Object.fromEntries([...'abcdefgh'].map((one) => [one, true])) },
  ],
  ['not', { not: { items: { type: 'string' } } }],
  ['not', { not: { const: { a: 1 } }, type: 'object' }],
  ['if', { if: { items: { type: 'string' } }, then: { maxItems: 3 } }],
  [
    'oneOf',
    {
      oneOf: [
        { type: 'object', patternProperties: { a: true } },
        { type: 'object', patternProperties: { b: true } },
      ],
    },
  ],
  ['oneOf', { oneOf: [] }],
  ['anyOf', { anyOf: {} }],
  ['$ref', { $ref: '#' }],
  ['$ref', { $ref: '#/$defs/none' }],
  ['$ref', { $ref: '#nowhere' }],
  ['$ref', { $ref: 'https://example.org/schema.json' }],
  ['$ref', { $ref: 'other.json#/a' }],
  ['$ref', { $ref: '#/%zz' }],
  ['$ref', { $ref: 3 }],
  ['$ref', { $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' }],
  ['$ref', { allOf: [{ $ref: '#' }] }],
  ['not', { not: { $ref: '#' } }],
  ['$ref', { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] }],
  ['$ref', { type: 'array', items: { $ref: '#' }, minItems: 1 }],
  ['$dynamicRef', { $dynamicRef: '#node' }],
  ['$schema', 'text'],
  ['$schema', deep(5000, 'items')],
  ['$schema', deep(5000, 'not')],
  ['type', false],
  ['type', { type: 'string', const: 3 }],
  ['type', { allOf: [{ type: 'string' }, { type: 'integer' }] }],
  ['type', { type: 'integer', minimum: 5, maximum: 4 }],
  ['type', { type: 'object', properties: { a: false }, required: ['a'] }],
];

/** Schemas that grow without end where nothing limits them. They are refused, whichever keyword is reached first. */
export const hostileSchemas: readonly Json[] = [
  {
    allOf: Array.from({ length: 20 }, (_, index) => ({
      anyOf: [{ minimum: index }, { maxLength: 100 - index }, { minItems: index }],
    })),
  },
  {
    $defs: Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [
        `d${index}`,
        index === 29
          ? { type: 'string' }
          : {
              anyOf: [
                { $ref: `#/$defs/d${index + 1}` },
                { allOf: [{ $ref: `#/$defs/d${index + 1}` }, { minLength: index }] },
              ],
            },
      ]),
    ),
    $ref: '#/$defs/d0',
  },
  { type: 'string', allOf: Array.from({ length: 12 }, (_, index) => ({ pattern: `(?:a|b)*a(?:a|b){${index + 3}}` })) },
  { oneOf: Array.from({ length: 300 }, (_, index) => ({ type: 'string', pattern: `^a{${index}}[b-z]*$` })) },
  {
    type: 'object',
    properties: Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [
        `p${index}`,
        { type: 'number', minimum: index / 7, maximum: index * 1.37 },
      ]),
    ),
  },
  { enum: Array.from({ length: 60_000 }, (_, index) => `${(index * 2_654_435_761) % 4_294_967_296}-${index}`) },
  {
    allOf: Array.from({ length: 400 }, (_, index) => ({
      type: 'object',
      patternProperties: { [`^${index}`]: { pattern: `${index}$` } },
    })),
  },
  {
    $defs: {
      a: {
        type: 'object',
        properties: Object.fromEntries(
          [...'abcdefghijkl'].map((name, index) => [
            name,
            { allOf: [{ $ref: '#/$defs/a' }, { minProperties: index }] },
          ]),
        ),
      },
    },
    $ref: '#/$defs/a',
  },
  {
    type: 'array',
    prefixItems: Array.from({ length: 4000 }, (_, index) => ({
      type: 'array',
      maxItems: (index % 40) + 60,
      items: { const: index },
    })),
  },
  { type: 'string', pattern: Array.from({ length: 3000 }, (_, index) => `x${index}.*y`).join('|') },
];
