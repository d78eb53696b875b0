/** Whether a reply can be held to a grammar or a JSON schema, before one is asked for, and where in its text it cannot. */
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import type { Sampling } from '../../preload/contract/chat.ts';
import type { FormProblem } from '../../preload/contract/inference.ts';
import { AppError, encodeError, isAppError } from '../../preload/wire/errors.ts';
import { readExactJson } from '../../preload/wire/json.ts';
import { checkGrammar } from '../gbnf/gbnf.ts';
import { schemaGrammar, schemaNumber, type Schema } from '../json-schema/json-schema.ts';

/** Null for a form that can be held. The engine checks it again; llama.cpp's own limits are known here. */
export function formProblem({ kind, text }: NonNullable<Sampling['grammar']>): FormProblem | null {
  try {
    switch (kind) {
      case 'gbnf':
        checkGrammar(text);
        return null;
      case 'json_schema':
        checkGrammar(schemaGrammar(readSchema(text)));
        return null;
      default:
        return kind satisfies never;
    }
  } catch (error) {
    if (!isAppError(error, 'invalid_input')) throw error;
    const at = placeOf(kind, text, error);
    return { error: encodeError(error), ...(at !== null && lineOf(text, at)) };
  }
}

function readSchema(text: string): Schema {
  try {
    return readExactJson(text, schemaNumber) as Schema;
  } catch (error) {
    if (error instanceof RangeError)
      throw new AppError('invalid_input', 'The JSON schema is nested too deeply.', { reason: 'json_too_deep' });
    const { line, column } = lineOf(text, jsonFault(text));
    throw new AppError('invalid_input', 'The JSON schema is not JSON.', { reason: 'not_json', line, column });
  }
}

/** Where a text stops to be JSON. */
function jsonFault(text: string): number {
  const errors: { readonly offset: number }[] = [];
  parseTree(text, errors as never, { disallowComments: true, allowTrailingComma: false });
  return errors[0]?.offset ?? 0;
}

function placeOf(kind: NonNullable<Sampling['grammar']>['kind'], text: string, { data }: AppError): number | null {
  if (kind === 'gbnf') return typeof data?.['at'] === 'number' ? data['at'] : null;
  const { place, keyword, reason } = data ?? {};
  if (reason === 'not_json') return jsonFault(text);
  if (typeof place !== 'string' || typeof keyword !== 'string') return null;
  const tree = parseTree(text);
  if (!tree) return null;
  const path = place
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  // The keyword, or else the schema that would need it.
  const node = findNodeAtLocation(tree, [...path, keyword])?.parent ?? findNodeAtLocation(tree, path);
  return node?.offset ?? null;
}

function lineOf(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') };
}
