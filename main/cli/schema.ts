/** `hearth schema`: the grammar of a JSON schema. */
import { readFile } from 'node:fs/promises';
import { AppError } from '../../preload/wire/errors.ts';
import { schemaGrammar, type Schema } from '../json-schema/json-schema.ts';
import type { Invocation, Values } from './invocation.ts';

/** Prints the grammar, or one JSON object with it. @throws AppError `invalid_input` with the keyword that cannot be held. */
export async function runSchema(
  _values: Values,
  [file = '']: readonly string[],
  { output }: Invocation,
): Promise<void> {
  const grammar = schemaGrammar(await readSchema(file));
  output.done({ grammar }, grammar.trimEnd());
}

async function readSchema(file: string): Promise<Schema> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new AppError(
      'not_found',
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  try {
    return JSON.parse(text) as Schema;
  } catch (error) {
    throw new AppError(
      'invalid_input',
      `${file} is not JSON: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}
