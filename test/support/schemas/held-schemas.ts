/** Schemas that are held, a few for each keyword and for keywords together. */
import type { Json } from '../../../main/json-schema/json-schema.ts';

export interface SchemaCase {
  readonly name: string;
  readonly schema: Json;
  /** Values that the schema allows and the grammar does not write, and why. */
  readonly leavesOut?: string;
  /** Written to draft 7. */
  readonly draft7?: boolean;
}

const plain = (name: string, ...schemas: readonly Json[]): readonly SchemaCase[] =>
  schemas.map((schema, index) => ({ name: `${name} ${index + 1}`, schema }));

const object = (
  properties: Readonly<Record<string, Json>>,
  ...required: readonly string[]
): { readonly [key: string]: Json } => ({
  type: 'object',
  properties,
  required,
});

function numberCases(): readonly SchemaCase[] {
  const cases: SchemaCase[] = [];
  const bounds = [null, -1000, -12, -1.25, 0, 0.5, 3, 7, 99, 100, 1234.5];
  for (const type of ['integer', 'number'])
    for (const minimum of bounds)
      for (const maximum of bounds) {
        if (minimum === null && maximum === null) continue;
        if (minimum !== null && maximum !== null && maximum - minimum < 1) continue;
        const exclusive = (bounds.indexOf(minimum) + bounds.indexOf(maximum)) % 3 === 0;
        const schema = {
          type,
          ...(minimum === null ? {} : { [exclusive ? 'exclusiveMinimum' : 'minimum']: minimum }),
          ...(maximum === null ? {} : { [exclusive ? 'exclusiveMaximum' : 'maximum']: maximum }),
        };
        cases.push({ name: `bounds ${JSON.stringify(schema)}`, schema });
      }
  return cases;
}

const patterns = [
  '^[a-z]+$',
  '^[A-Z]{2}\\d{4}$',
  'abc',
  '^abc',
  'abc$',
  'a|b',
  '^(foo|bar|baz)$',
  '^(a|b)*c$',
  '^\\d{3}-\\d{2}-\\d{4}$',
  '^\\w+@\\w+\\.com$',
  '^[^\\s]+$',
  '^$',
  '^$|^x',
  '(^a|b)c',
  '^.{3}$',
  '^[\\s\\S]{2}$',
  '^\\S+(?: \\S+)*$',
  '^(?:\\+?1[-. ]?)?\\(?\\d{3}\\)?[-. ]?\\d{3}[-. ]?\\d{4}$',
  '^#(?:[0-9a-fA-F]{3}){1,2}$',
  '^v?\\d+\\.\\d+\\.\\d+(?:-[0-9A-Za-z.-]+)?$',
  '^[\\u00e0-\\u00ff]+$',
  '^\\u{1F600}$',
  '^[a-z\\d_-]*?$',
  '^(?=.*[A-Z])(?=.*\\d)[A-Za-z\\d]{8,}$',
  '^(?!foo)[a-z]{3,5}$',
  '^(?<year>\\d{4})-(?<month>0[1-9]|1[0-2])$',
  '^\\/api\\/[a-z]+(?:\\/\\d+)?$',
  '^[\\]\\[\\\\"-]+$',
  '^\\t?\\n\\x41$',
  '^\\p{Lu}\\p{Ll}+$',
  '^[^"\\\\]{1,4}$',
  '^(?:[a-z]{2}){2,3}$',
  '[0-9]',
  '^(|a|ab)$',
  '^a{0}b{2}c{1,}$',
];

const formatNames = [
  'date',
  'time',
  'date-time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uri',
  'uri-reference',
  'uuid',
  'json-pointer',
  'relative-json-pointer',
  'byte',
];

const formatLosses: Readonly<Record<string, string>> = {
  hostname: 'a dot at the end',
  'uri-reference': 'characters that RFC 3986 does not allow',
  time: 'leap seconds, lower case and more than nine digits',
  'date-time': 'leap seconds, lower case and a space',
  uuid: 'the prefix urn:uuid:',
};

const texts: readonly SchemaCase[] = [
  ...patterns.map((pattern) => ({ name: `pattern ${pattern}`, schema: { type: 'string', pattern } })),
  ...formatNames.map((format) => ({
    name: `format ${format}`,
    schema: { type: 'string', format },
    ...(formatLosses[format] === undefined ? {} : { leavesOut: formatLosses[format] }),
  })),
  ...plain(
    'text',
    { type: 'string' },
    { type: 'string', minLength: 1 },
    { type: 'string', maxLength: 0 },
    { type: 'string', maxLength: 3 },
    { type: 'string', minLength: 2, maxLength: 4 },
    { type: 'string', minLength: 20, maxLength: 400 },
    { type: 'string', maxLength: 5000 },
    { type: 'string', minLength: 300 },
    { type: 'string', pattern: '^[a-z]+$', maxLength: 4 },
    { type: 'string', pattern: '^[a-z-]+$', minLength: 3, maxLength: 63 },
    { type: 'string', pattern: 'x', minLength: 3 },
    { type: 'string', format: 'email', maxLength: 30 },
    { type: 'string', format: 'uri', pattern: '^https://' },
    { allOf: [{ type: 'string', pattern: '^[a-z]' }, { pattern: '[0-9]$' }, { maxLength: 6 }] },
    { type: 'string', not: { enum: ['root', 'admin'] }, pattern: '^[a-z]{3,5}$' },
    { type: 'string', not: { pattern: '^a' }, maxLength: 3 },
    { type: 'string', not: { const: '' } },
    { type: 'string', enum: ['a', 'bb', 'ccc'], minLength: 2 },
    { enum: Array.from({ length: 60 }, (_, index) => `value-${index}`) },
    { type: 'string', format: 'an unknown one' },
    { type: 'string', contentEncoding: 'base64', contentMediaType: 'image/png' },
  ),
];

const numbers: readonly SchemaCase[] = [
  ...numberCases(),
  ...plain(
    'number',
    { type: 'number' },
    { type: 'integer' },
    { type: 'integer', multipleOf: 5 },
    { type: 'integer', multipleOf: 7, minimum: 0, maximum: 500 },
    { type: 'integer', multipleOf: 12, exclusiveMinimum: -100 },
    { type: 'number', multipleOf: 0.5 },
    { type: 'number', multipleOf: 0.01, minimum: 0, maximum: 100 },
    { type: 'number', multipleOf: 2.5, minimum: -20, maximum: 20 },
    { allOf: [{ type: 'integer', multipleOf: 2 }, { multipleOf: 3 }], minimum: 0, maximum: 1000 },
    { type: 'integer', not: { multipleOf: 2 }, minimum: 0, maximum: 50 },
    { type: 'integer', format: 'int32' },
    { type: 'integer', format: 'int64' },
    { type: 'number', format: 'double' },
    { type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991 },
    { type: 'number', minimum: 1e-7, maximum: 2e-7 },
    { type: 'number', minimum: 0.1, exclusiveMaximum: 0.30000000000000004 },
    { type: 'integer', minimum: 1, maximum: 65535 },
    { type: 'number', minimum: -90, maximum: 90 },
    { type: 'integer', not: { const: 3 }, minimum: 1, maximum: 5 },
    { type: 'integer', not: { enum: [2, 4] }, minimum: 1, maximum: 5 },
    { type: 'number', not: { const: 2 }, minimum: 1, maximum: 3 },
    {
      oneOf: [
        { type: 'integer', maximum: 5 },
        { type: 'integer', minimum: 3 },
      ],
    },
    { enum: [1, 2.5, -3, 0, 1e21] },
    { type: 'integer', enum: [1, 2.5, 3] },
    { type: 'number', minimum: 5, maximum: 5 },
    { type: 'integer', exclusiveMinimum: 4, exclusiveMaximum: 6 },
    { type: 'number', minimum: -1.7976931348623157e308, maximum: 1.7976931348623157e308 },
  ),
  {
    name: 'flags of draft 4',
    schema: { type: 'integer', minimum: 2, exclusiveMinimum: true, maximum: 6 },
    draft7: true,
  },
];

const arrays: readonly SchemaCase[] = [
  ...plain(
    'array',
    { type: 'array' },
    { type: 'array', items: { type: 'integer' } },
    { type: 'array', items: { type: 'boolean' }, minItems: 1 },
    { type: 'array', items: { type: 'boolean' }, maxItems: 3 },
    { type: 'array', items: { type: 'null' }, minItems: 2, maxItems: 4 },
    { type: 'array', items: { type: 'boolean' }, minItems: 3 },
    { type: 'array', maxItems: 0 },
    { type: 'array', minItems: 1, maxItems: 1 },
    { type: 'array', prefixItems: [{ type: 'integer' }, { type: 'string' }], items: false },
    { type: 'array', prefixItems: [{ type: 'integer' }, { type: 'string' }], items: false, minItems: 2 },
    { type: 'array', prefixItems: [{ type: 'integer' }], items: { type: 'string' } },
    { type: 'array', prefixItems: [{ const: 'a' }, { const: 'b' }], items: { const: 'c' }, minItems: 1, maxItems: 5 },
    { type: 'array', prefixItems: [{ const: 'a' }], items: { const: 'c' }, minItems: 3 },
    { type: 'array', prefixItems: [{ type: 'null' }, false] },
    { type: 'array', prefixItems: [{ type: 'boolean' }] },
    {
      type: 'array',
      items: { type: 'array', items: { type: 'number', minimum: 0, maximum: 1 }, minItems: 2, maxItems: 2 },
    },
    { type: 'array', items: { enum: ['a', 'b', 'c'] }, uniqueItems: true },
    { type: 'array', items: { enum: [1, 2, 3, 4] }, uniqueItems: true, minItems: 2, maxItems: 3 },
    { type: 'array', items: { type: 'boolean' }, uniqueItems: true, minItems: 1 },
    { type: 'array', items: { type: 'string' }, uniqueItems: true, maxItems: 1 },
    { type: 'array', items: { type: 'integer', minimum: 0, maximum: 9 }, contains: { const: 7 } },
    { type: 'array', contains: { type: 'string', pattern: '^x' }, minContains: 1 },
    { type: 'array', items: { type: 'null' }, contains: { type: 'string' }, minContains: 0 },
    {
      allOf: [
        { type: 'array', minItems: 1 },
        { items: { type: 'integer' } },
        { items: { minimum: 5 } },
        { maxItems: 3 },
      ],
    },
    { type: 'array', prefixItems: [{ const: 1 }], unevaluatedItems: false },
    // What stands in a "not" evaluates nothing, also where a second one turns it around.
    {
      type: 'array',
      prefixItems: [{ const: 'foo' }],
      not: { not: { prefixItems: [true, { const: 'bar' }] } },
      unevaluatedItems: false,
    },
    { type: 'array', not: { not: { items: { type: 'integer' } } }, unevaluatedItems: { const: 1 }, maxItems: 3 },
    {
      type: 'object',
      properties: { foo: { const: 'a' } },
      not: { not: { properties: { bar: { const: 'b' } }, additionalProperties: true } },
      unevaluatedProperties: false,
    },
    { type: 'array', items: {}, minItems: 1 },
    { type: 'array', items: { type: 'boolean' }, maxItems: 200 },
  ),
  {
    name: 'items as a list',
    schema: { type: 'array', items: [{ type: 'integer' }, { type: 'string' }], additionalItems: false },
    draft7: true,
  },
  {
    name: 'items as a list, then others',
    schema: { type: 'array', items: [{ type: 'integer' }], additionalItems: { type: 'null' } },
    draft7: true,
  },
];

const objects: readonly SchemaCase[] = plain(
  'object',
  { type: 'object' },
  object({ a: { type: 'integer' } }),
  object({ a: { type: 'integer' } }, 'a'),
  object({ a: { type: 'integer' }, b: { type: 'string' }, c: { type: 'null' } }, 'b'),
  object({ a: true, b: true, c: true, d: true }, 'a', 'd'),
  { type: 'object', properties: {}, additionalProperties: false },
  { type: 'object', properties: {} },
  { type: 'object', additionalProperties: { type: 'integer' } },
  { ...object({ a: { type: 'boolean' } }, 'a'), additionalProperties: { type: 'string' } },
  { ...object({ a: { type: 'boolean' } }), additionalProperties: { type: 'string' } },
  { ...object({ a: { type: 'boolean' } }), additionalProperties: true },
  { ...object({ a: { type: 'boolean' } }), additionalProperties: false },
  { type: 'object', patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false },
  {
    type: 'object',
    patternProperties: { '^x-': { type: 'string' }, '-y$': { maxLength: 3 } },
    additionalProperties: { type: 'integer' },
  },
  {
    ...object({ 'x-a': { minLength: 2 }, b: { type: 'null' } }, 'x-a'),
    patternProperties: { '^x-': { type: 'string' } },
  },
  { type: 'object', propertyNames: { pattern: '^[a-z]{1,3}$' } },
  { type: 'object', propertyNames: { enum: ['a', 'b'] }, additionalProperties: { type: 'integer' } },
  { ...object({ abc: { type: 'integer' }, X: { type: 'integer' } }), propertyNames: { pattern: '^[a-z]+$' } },
  { ...object({ a: { type: 'null' }, b: { type: 'null' }, c: { type: 'null' } }), minProperties: 1 },
  { ...object({ a: { type: 'null' }, b: { type: 'null' }, c: { type: 'null' } }), minProperties: 2 },
  { ...object({ a: { type: 'null' }, b: { type: 'null' }, c: { type: 'null' } }), maxProperties: 2 },
  {
    ...object({ a: { type: 'null' }, b: { type: 'null' }, c: { type: 'null' } }, 'b'),
    minProperties: 2,
    maxProperties: 2,
  },
  { type: 'object', minProperties: 1, additionalProperties: { type: 'boolean' } },
  { type: 'object', maxProperties: 2, additionalProperties: { type: 'boolean' } },
  { type: 'object', maxProperties: 0 },
  { type: 'object', required: ['a', 'b'] },
  { ...object({ a: { type: 'integer' } }, 'z'), additionalProperties: { type: 'string' } },
  {
    ...object({ a: { type: 'integer' }, b: { type: 'integer' }, c: { type: 'integer' } }),
    dependentRequired: { a: ['b'] },
  },
  {
    ...object({ card: { type: 'integer' }, address: { type: 'string' } }),
    dependentSchemas: { card: { required: ['address'], properties: { address: { minLength: 1 } } } },
  },
  { ...object({ a: { type: 'integer' } }), not: { required: ['a'] } },
  { ...object({ a: { type: 'integer' }, b: { type: 'integer' } }), not: { required: ['a', 'b'] } },
  {
    allOf: [object({ a: { type: 'integer' } }, 'a'), object({ b: { type: 'string' } }, 'b')],
    unevaluatedProperties: false,
  },
  {
    allOf: [object({ a: { type: 'integer' } }, 'a')],
    properties: { b: { type: 'string' } },
    unevaluatedProperties: { type: 'null' },
  },
  object(
    {
      '': { type: 'null' },
      'a"b\\c\nd': { type: 'null' },
      'é漢😀': { type: 'null' },
      $ref: { type: 'null' },
      enum: { const: 1 },
    },
    'enum',
  ),
  object(
    { a: object({ b: object({ c: { type: 'array', items: object({ d: { type: 'integer' } }, 'd') } }, 'c') }, 'b') },
    'a',
  ),
  object(Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`p${index}`, { type: 'boolean' }]))),
  object(
    Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`p${index}`, { type: 'boolean' }])),
    ...Array.from({ length: 60 }, (_, index) => `p${index}`),
  ),
);

const choices: readonly SchemaCase[] = [
  ...plain(
    'choice',
    true,
    {},
    { const: null },
    { const: { b: [1, { c: 'x' }], a: {} } },
    { const: 'a"b\\c\n\u0001é😀' },
    { enum: ['a', 1, null, true, { x: [] }, [1, 2]] },
    { type: ['string', 'null'] },
    { type: ['integer', 'string', 'boolean'], minimum: 3, maxLength: 2 },
    { type: 'string', nullable: true },
    { type: ['array', 'object'], items: { type: 'null' }, maxProperties: 0 },
    { anyOf: [{ type: 'string' }, { type: 'null' }] },
    {
      anyOf: [
        { type: 'string', maxLength: 2 },
        { type: 'integer', minimum: 0 },
      ],
    },
    { anyOf: [{ minLength: 2 }, { maxLength: 0 }], type: 'string' },
    {
      allOf: [
        { anyOf: [{ const: 1 }, { const: 2 }, { const: 3 }] },
        { anyOf: [{ const: 2 }, { const: 3 }, { const: 4 }] },
      ],
    },
    { oneOf: [{ type: 'string' }, { type: 'integer' }] },
    { oneOf: [{ type: 'number' }, { type: 'integer' }] },
    {
      oneOf: [
        { type: 'string', maxLength: 4 },
        { type: 'string', minLength: 3 },
      ],
    },
    {
      oneOf: [
        { type: 'string', format: 'date' },
        { type: 'string', pattern: '^x' },
      ],
    },
    { oneOf: [{ const: 'a' }, { const: 'b' }, { enum: ['b', 'c'] }] },
    {
      ...object({ a: { type: 'integer' }, b: { type: 'integer' } }),
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    {
      ...object({ a: { type: 'integer' }, b: { type: 'integer' } }),
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    { not: { type: ['object', 'array', 'string', 'number'] } },
    { not: { not: { type: 'boolean' } } },
    { type: ['boolean', 'null'], not: { const: false } },
    { not: { anyOf: [{ type: 'object' }, { type: 'array' }, { type: 'number' }, { enum: [true, 'x'] }] } },
    { type: 'integer', if: { minimum: 10 }, then: { multipleOf: 10, maximum: 100 }, else: { minimum: 0 } },
    {
      ...object({ country: { enum: ['US', 'NL'] }, code: { type: 'string' } }, 'country', 'code'),
      if: { properties: { country: { const: 'US' } } },
      then: { properties: { code: { pattern: '^\\d{5}$' } } },
      else: { properties: { code: { pattern: '^\\d{4} [A-Z]{2}$' } } },
    },
    { if: { type: 'string' }, then: { maxLength: 3 }, else: { type: 'null' } },
    { if: false, then: false, else: { type: 'boolean' } },
  ),
  {
    name: 'kinds that are required',
    schema: {
      oneOf: [
        object({ kind: { const: 'cat' }, lives: { type: 'integer' } }, 'kind', 'lives'),
        object({ kind: { const: 'dog' }, barks: { type: 'boolean' } }, 'kind'),
      ],
    },
    leavesOut: 'properties that the other alternative names',
  },
  {
    name: 'kinds that are not required, with themselves inside',
    schema: {
      oneOf: [
        object({ inner: { $ref: '#' }, kind: { const: 'a' }, x: { type: 'integer' } }),
        object({ inner: { $ref: '#' }, kind: { const: 'b' } }),
      ],
    },
    leavesOut: 'objects without their kind',
  },
  {
    name: 'kinds that are not required',
    schema: {
      oneOf: [
        object({ kind: { const: 'a' }, x: { type: 'integer' } }),
        object({ kind: { const: 'b' }, y: { type: 'integer' } }),
      ],
    },
    leavesOut: 'objects without their kind',
  },
];

const references: readonly SchemaCase[] = plain(
  'reference',
  { $ref: '#/$defs/a', $defs: { a: { type: 'integer' } } },
  { $ref: '#/definitions/a', definitions: { a: { type: 'integer' } } },
  { $defs: { a: { type: 'string' } }, $ref: '#/$defs/a', maxLength: 3 },
  { type: 'object', properties: { next: { $ref: '#' }, v: { type: 'integer' } }, required: ['v'] },
  {
    $ref: '#/$defs/tree',
    $defs: {
      tree: object(
        { v: { type: 'integer', minimum: 0 }, children: { type: 'array', items: { $ref: '#/$defs/tree' } } },
        'v',
      ),
    },
  },
  {
    $defs: {
      a: object({ b: { anyOf: [{ $ref: '#/$defs/b' }, { type: 'null' }] } }, 'b'),
      b: object({ a: { anyOf: [{ $ref: '#/$defs/a' }, { type: 'null' }] } }, 'a'),
    },
    $ref: '#/$defs/a',
  },
  { $ref: '#named', $defs: { x: { $anchor: 'named', type: 'boolean' } } },
  { $ref: '#/$defs/a~1b~0c%25d', $defs: { 'a/b~c%d': { type: 'null' } } },
  { $ref: '#/properties/a', properties: { a: { type: 'object', maxProperties: 0 } } },
  {
    $id: 'https://example.org/root.json',
    $ref: 'item.json',
    $defs: { i: { $id: 'item.json', type: 'integer', minimum: 4 } },
  },
  {
    $id: 'https://example.org/root.json',
    type: 'array',
    items: { $ref: '/other/list.json#/$defs/n' },
    $defs: { l: { $id: '/other/list.json', $defs: { n: { type: 'null' } } } },
  },
  {
    $id: 'https://example.org/a',
    $defs: { x: { $id: 'b', $defs: { y: { const: 'inner' } }, allOf: [{ $ref: '#/$defs/y' }] }, y: { const: 'outer' } },
    $ref: '#/$defs/x',
  },
  { anyOf: [{ type: 'integer' }, { type: 'array', items: { $ref: '#' } }] },
  { type: 'object', additionalProperties: { $ref: '#' }, maxProperties: 2 },
  {
    allOf: [{ $ref: '#/$defs/base' }, { properties: { extra: { type: 'integer' } } }],
    $defs: { base: object({ id: { type: 'string', format: 'uuid' } }, 'id') },
  },
  {
    $defs: { positive: { type: 'integer', exclusiveMinimum: 0 } },
    ...object({ width: { $ref: '#/$defs/positive', maximum: 10, description: 'in meters' } }, 'width'),
  },
  {
    oneOf: [{ $ref: '#/$defs/leaf' }, { $ref: '#/$defs/node' }],
    $defs: {
      leaf: object({ kind: { const: 'leaf' } }, 'kind'),
      node: object({ kind: { const: 'node' }, left: { $ref: '#' }, right: { $ref: '#' } }, 'kind', 'left', 'right'),
    },
  },
);

export const heldSchemas: readonly SchemaCase[] = [
  ...texts,
  ...numbers,
  ...arrays,
  ...objects,
  ...choices,
  ...references,
];
