/** `hearth schema`: the grammar of a JSON schema. */
import { schemaGrammar, schemaNumber, type Schema } from '../json-schema/json-schema.ts';
import { readJsonFile } from './input-files.ts';
import type { Invocation, Values } from './invocation.ts';

/** Prints the grammar, or one JSON object with it. @throws AppError `not_found`, `invalid_input` with the keyword that cannot be held. */
export async function runSchema(
  _values: Values<'schema'>,
  [file = '']: readonly string[],
  { output }: Invocation,
): Promise<void> {
  const grammar = schemaGrammar((await readJsonFile(file, schemaNumber)) as Schema);
  output.done({ grammar }, grammar.trimEnd());
}
