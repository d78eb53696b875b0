/**
 * Grammars of schemas against an independent validator: whatever they let through is valid, and what is valid they let through, in the
 * form in which JSON.stringify writes it. Values that a grammar leaves out by design are those of `leavesOut`, and numbers with an
 * exponent or more digits than a double keeps. Keys of digits alone are left out for JavaScript moves them.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterAll, describe, expect, it } from 'vitest';
import { schemaGrammar, schemaNumber, type Json } from '../../../main/json-schema/json-schema.ts';
import { isAppError } from '../../../preload/wire/errors.ts';
import { readExactJson } from '../../../preload/wire/json.ts';
import { createRecognizer, createSampler, readGrammar, seeded } from '../../support/schemas/gbnf.ts';
import { heldSchemas, type SchemaCase } from '../../support/schemas/held-schemas.ts';
import { hasIndexKey, hasLongNumber, mutated } from '../../support/schemas/mutations.ts';
import { realSchemas } from '../../support/schemas/real-schemas.ts';
import { hostileSchemas, refusedSchemas } from '../../support/schemas/refused-schemas.ts';

const SAMPLES = 40;
const MUTATIONS = 80;
/** Ways through a grammar that are open at a time: what llama.cpp follows for each token. */
const MAX_OPEN = 400;

const tried = { schemas: 0, samples: 0, mutations: 0, valid: 0, refusals: 0, mostOpen: 0 };
afterAll(() => {
  console.log(
    `Schemas: ${tried.schemas} held, ${tried.refusals} refused; ${tried.samples} texts of their grammars; ` +
      `${tried.valid} valid values of ${tried.mutations} changed ones; at most ${tried.mostOpen} ways open at a time.`,
  );
});

function validator({ schema, draft7 }: SchemaCase): (value: unknown) => boolean {
  const options = { strict: false, multipleOfPrecision: 9, logger: false } as const;
  const ajv = draft7 ? new Ajv(options) : new Ajv2020(options);
  formats.default(ajv);
  const check = ajv.compile((draft7 ? withoutFlags(schema) : schema) as object);
  return (value) => check(value);
}

/** The flags of draft 4 as the numbers of draft 6. */
function withoutFlags(schema: Json): object {
  const { exclusiveMinimum, minimum, ...rest } = schema as { readonly [key: string]: Json };
  if (exclusiveMinimum === true) return { ...rest, exclusiveMinimum: minimum };
  return schema as object;
}

const cases = [...heldSchemas, ...realSchemas];

describe('a schema that is held', () => {
  it.each(cases)('$name', (one) => {
    const grammar = readGrammar(schemaGrammar(one.schema));
    const sample = createSampler(grammar);
    const recognize = createRecognizer(grammar);
    const isValid = validator(one);
    const random = seeded(tried.schemas++);
    const values: Json[] = [];
    for (let index = 0; index < SAMPLES; index++) {
      const text = sample(random, 4 + index * 4);
      const value = JSON.parse(text) as Json;
      expect(isValid(value), text).toBe(true);
      values.push(value);
      tried.samples++;
    }
    for (const value of values.slice(0, 10))
      tried.mostOpen = Math.max(tried.mostOpen, recognize(JSON.stringify(value)).mostOpen);
    expect(tried.mostOpen).toBeLessThan(MAX_OPEN);
    if (one.leavesOut !== undefined) return;
    for (let index = 0; index < MUTATIONS; index++) {
      let value = mutated(values[index % values.length] ?? null, random);
      if (random() < 0.4) value = mutated(value, random);
      tried.mutations++;
      if (!isValid(value) || hasLongNumber(value) || hasIndexKey(value)) continue;
      tried.valid++;
      const text = JSON.stringify(value);
      expect(recognize(text).accepted, text).toBe(true);
    }
  });
});

/** What Python's jsonschema says, which keeps every digit of an int. */
const numbersFile = path.join(import.meta.dirname, '../../fixtures/json-schema/numbers.json');
const numberCases = readExactJson(readFileSync(numbersFile, 'utf8'), schemaNumber) as readonly {
  readonly schema: Json;
  readonly accepted: readonly string[];
  readonly refused: readonly string[];
}[];

describe('numbers with more digits than a double keeps', () => {
  it.each(numberCases.map((one, at) => [at, one] as const))('are held digit by digit: %i', (_, one) => {
    const recognize = createRecognizer(readGrammar(schemaGrammar(one.schema)));
    const accepts = (text: string): boolean => recognize(text).accepted;
    expect(one.accepted.filter((text) => !accepts(text))).toEqual([]);
    expect(one.refused.filter(accepts)).toEqual([]);
    expect(one.accepted).not.toEqual([]);
  });
});

// llama.cpp's json_schema_to_grammar.py writes the same order: `reasoning-kv`, `2-kv`, `1-kv`.
it('keeps properties with digits as their names in the order of the schema', () => {
  const schema = readExactJson(
    '{"type":"object","properties":{"reasoning":{"type":"string"},"2":{"const":{"b":1,"0":2}},"1":{"type":"integer"}},' +
      '"required":["1","2","reasoning"],"additionalProperties":false}',
  ) as Json;
  const recognize = createRecognizer(readGrammar(schemaGrammar(schema)));
  expect(recognize('{"reasoning":"r","2":{"b":1,"0":2},"1":3}').accepted).toBe(true);
  for (const text of ['{"1":3,"2":{"b":1,"0":2},"reasoning":"r"}', '{"reasoning":"r","2":{"0":2,"b":1},"1":3}'])
    expect(recognize(text).accepted).toBe(false);
});

it('follows the ids of draft 4, which are anchors as well', () => {
  const draft4: Json = {
    $schema: 'http://json-schema.org/draft-04/schema#',
    id: 'http://example.org/root.json',
    type: 'object',
    definitions: {
      count: { id: '#count', type: 'integer' },
      inner: { id: 'folder/inner.json', definitions: { flag: { type: 'boolean' } }, $ref: '#/definitions/flag' },
    },
    properties: {
      a: { $ref: '#count' },
      b: { $ref: 'folder/inner.json#/definitions/flag' },
      c: { $ref: 'http://example.org/folder/inner.json' },
      // A property of this name is no id.
      id: { type: 'null' },
    },
    required: ['a', 'b', 'c', 'id'],
    additionalProperties: false,
  };
  const recognize = createRecognizer(readGrammar(schemaGrammar(draft4)));
  expect(recognize('{"a": 1, "b": true, "c": false, "id": null}').accepted).toBe(true);
  for (const text of ['{"a": "1", "b": true, "c": false, "id": null}', '{"a": 1, "b": 1, "c": false, "id": null}'])
    expect(recognize(text).accepted).toBe(false);
  // A later draft knows no such id.
  const later = { ...(draft4 as object), $schema: 'https://json-schema.org/draft/2020-12/schema' };
  expect(() => schemaGrammar(later)).toThrow(
    expect.objectContaining({ data: expect.objectContaining({ keyword: '$ref' }) as object }),
  );
});

describe('a schema that is refused', () => {
  it.each(refusedSchemas)('names %s', (keyword, schema) => {
    tried.refusals++;
    expect(() => schemaGrammar(schema)).toThrow(
      expect.toSatisfy((error) => isAppError(error, 'invalid_input') && error.data['keyword'] === keyword),
    );
  });

  it.each(hostileSchemas.map((schema, index) => [index + 1, schema] as const))('ends soon: %i', (_, schema) => {
    tried.refusals++;
    const before = process.cpuUsage();
    try {
      schemaGrammar(schema);
    } catch (error) {
      expect(error).toSatisfy((one) => isAppError(one, 'invalid_input') && one.data['keyword'] !== '');
    }
    const { user, system } = process.cpuUsage(before);
    // About 200 ms; the compiler and the collector of the engine add to it.
    expect((user + system) / 1000).toBeLessThan(1000);
  });
});

describe('the text of a grammar', () => {
  it('is on one line where it is asked to be, as the families of models write calls', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'boolean' }, minItems: 2 }, b: {} },
      required: ['a', 'b'],
    };
    const sample = createSampler(readGrammar(schemaGrammar(schema, { whitespace: 'line' })));
    const random = seeded(1);
    for (let index = 0; index < 100; index++)
      expect(sample(random, 60)).toMatch(/^\{"a": \[(true|false)(, (true|false))+\], "b": .*\}$/s);
  });

  it('has properties in the order of the schema, and no others unless a keyword asks for them', () => {
    const recognize = createRecognizer(readGrammar(schemaGrammar({ properties: { b: {}, a: {} }, type: 'object' })));
    expect(recognize('{"b":1,"a":2}').accepted).toBe(true);
    expect(recognize('{"a":1,"b":2}').accepted).toBe(false);
    expect(recognize('{"b":1,"c":2}').accepted).toBe(false);
  });

  it('keeps few ways open however deep values of alternatives that begin alike are', () => {
    const inner = { $ref: '#' };
    const a = { type: 'object', properties: { a: inner }, required: ['a'] };
    const b = { type: 'object', properties: { a: inner, b: { type: 'null' } } };
    const list = { type: 'array', items: inner };
    for (const [schema, start] of [
      [{ anyOf: [a, b, { type: 'null' }] }, '{"a":'],
      [{ anyOf: [list, { ...list, minItems: 2 }, { ...list, maxItems: 3 }, { type: 'null' }] }, '['],
    ] as const)
      expect(createRecognizer(readGrammar(schemaGrammar(schema)))(start.repeat(40)).mostOpen).toBeLessThan(20);
  });

  it('knows the escapes of JSON in free strings', () => {
    const recognize = createRecognizer(readGrammar(schemaGrammar({ type: 'string', maxLength: 2 })));
    for (const text of ['"\\u00e9\\n"', '"\\ud83d\\ude00x"', '"\\/\\\\"'])
      expect(recognize(text).accepted, text).toBe(true);
    for (const text of ['"\\ud83d"', '"abc"', '"\n"', '"\\x"']) expect(recognize(text).accepted, text).toBe(false);
  });
});
