/** The JSON schemas of requests. */
import { z } from 'zod';

/** As the engine takes a schema, in characters of JSON. */
const MOST_SCHEMA_CHARS = 100_000;

/** A JSON schema of a request. */
export const schemaSchema = z
  .record(z.string(), z.unknown())
  .refine(
    (schema) => JSON.stringify(schema).length <= MOST_SCHEMA_CHARS,
    `expected at most ${MOST_SCHEMA_CHARS} characters`,
  );

/** The form of a reply that matches the schema. */
export const schemaGrammar = (schema: Readonly<Record<string, unknown>>) => ({
  ...{ kind: 'json_schema' as const, text: JSON.stringify(schema) },
});
