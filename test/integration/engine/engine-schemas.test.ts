/** Replies held to JSON schemas, by llama.cpp itself: it takes the grammar of every schema, and what it writes is valid. */
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { emberPath, startChild, type TestChild } from '../../support/engine-child.ts';
import { heldSchemas, type SchemaCase } from '../../support/schemas/held-schemas.ts';
import { realSchemas } from '../../support/schemas/real-schemas.ts';

const input = { messages: [{ role: 'user', content: 'Answer with JSON.' }] } as const;

let child: TestChild;
beforeAll(async () => {
  child = startChild();
  await child.load(emberPath, { contextSize: 2048 });
});
afterAll(() => child.close());

function expectValid({ schema, draft7 }: SchemaCase, text: string): void {
  const options = { strict: false, multipleOfPrecision: 9, logger: false } as const;
  const ajv = draft7 ? new Ajv(options) : new Ajv2020(options);
  formats.default(ajv);
  const check = ajv.compile(schema as object);
  expect(check(JSON.parse(text)), `${JSON.stringify(check.errors)} ${text}`).toBe(true);
}

it('llama.cpp takes the grammar of every schema', { timeout: 300_000 }, async () => {
  let slowestMs = 0;
  for (const { name, schema } of [...heldSchemas, ...realSchemas]) {
    const startMs = performance.now();
    const grammar = { kind: 'json_schema', text: JSON.stringify(schema) } as const;
    const { content } = await child.reply(input, { maxTokens: 3, grammar });
    slowestMs = Math.max(slowestMs, performance.now() - startMs);
    expect(content, name).toMatch(/^["\d[{ntf-]/);
  }
  console.log(
    `llama.cpp took ${heldSchemas.length + realSchemas.length} grammars, the slowest in ${Math.round(slowestMs)} ms.`,
  );
});

it('what a model writes is valid JSON of the schema', { timeout: 300_000 }, async () => {
  let ended = 0;
  const cases = [...realSchemas, ...heldSchemas.filter((_, index) => index % 24 === 0)];
  for (const [seed, one] of cases.entries()) {
    const grammar = { kind: 'json_schema', text: JSON.stringify(one.schema) } as const;
    const { content, result } = await child.reply(input, { temperature: 1, seed, maxTokens: 500, grammar });
    if (result.endReason !== 'end_of_turn') continue;
    ended++;
    expectValid(one, content);
  }
  console.log(`${ended} of ${cases.length} replies ended within their tokens; all of them are valid.`);
  expect(ended).toBeGreaterThanOrEqual(20);
});
