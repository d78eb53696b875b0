/**
 * Checks a grammar or a JSON schema while it is typed, so that mistakes show before a reply fails. The engine decides:
 * it may refuse a grammar that passes here. GBNF as in llama.cpp's grammars/README.
 */
import { words } from '../../words/words.ts';
import { formatList } from '../../words/format.ts';

/** The mistake in plain words, or null. */
export function schemaProblem(text: string): string | null {
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (cause) {
    const at = cause instanceof Error ? /line (\d+)/.exec(cause.message)?.[1] : undefined;
    return at === undefined ? words.sampling.schema.notJson : words.sampling.schema.notJsonAt(at);
  }
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return words.sampling.schema.notObject;
  return partProblem(schema as Record<string, unknown>, '');
}

const types = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']);

function partProblem(schema: Record<string, unknown>, path: string): string | null {
  const here = path === '' ? words.sampling.schema.atTop : words.sampling.schema.at(path);
  const named = Array.isArray(schema['type']) ? (schema['type'] as unknown[]) : [schema['type']];
  for (const type of named)
    if (type !== undefined && (typeof type !== 'string' || !types.has(type)))
      return words.sampling.schema.noType(JSON.stringify(type), here, formatList([...types]));
  const choices = schema['enum'];
  if (choices !== undefined && (!Array.isArray(choices) || choices.length === 0))
    return words.sampling.schema.enumEmpty(here);
  const { properties, items } = schema;
  if (properties !== undefined) {
    if (!isRecord(properties)) return words.sampling.schema.propertiesObject(here);
    for (const [name, part] of Object.entries(properties)) {
      // `true` allows every value and `false` none.
      if (typeof part === 'boolean') continue;
      if (!isRecord(part)) return words.sampling.schema.propertySchema(name, here);
      const problem = partProblem(part, path === '' ? name : `${path}.${name}`);
      if (problem !== null) return problem;
    }
  }
  if (isRecord(items)) return partProblem(items, `${path}[]`);
  return null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The mistake in a GBNF grammar in plain words, with its line, or null. */
export function grammarProblem(text: string): string | null {
  const defined = new Set<string>();
  const used: { readonly name: string; readonly line: number }[] = [];
  const opened: number[] = [];
  let line = 1;
  let place = 0;
  const skipTo = (end: string, what: string): string | null => {
    const from = line;
    for (place++; place < text.length; place++) {
      const character = text.charAt(place);
      if (character === '\\') place++;
      else if (character === '\n') break;
      else if (character === end) {
        place++;
        return null;
      }
    }
    return words.sampling.grammar.notClosed(from, what);
  };
  while (place < text.length) {
    const character = text.charAt(place);
    if (character === '\n') {
      line++;
      place++;
    } else if (character === '#') {
      while (place < text.length && text.charAt(place) !== '\n') place++;
    } else if (character === '"') {
      const problem = skipTo('"', words.sampling.grammar.text);
      if (problem !== null) return problem;
    } else if (character === '[') {
      const problem = skipTo(']', words.sampling.grammar.set);
      if (problem !== null) return problem;
    } else if (character === '{') {
      const problem = skipTo('}', words.sampling.grammar.count);
      if (problem !== null) return problem;
    } else if (character === '(') {
      opened.push(line);
      place++;
    } else if (character === ')') {
      if (opened.pop() === undefined) return words.sampling.grammar.closesNothing(line);
      place++;
    } else {
      const name = /^[A-Za-z0-9_-]+/.exec(text.slice(place, place + 200))?.[0];
      if (name === undefined) {
        if (/[\s|*+?.:=]/.test(character)) place++;
        else return words.sampling.grammar.noMeaning(line, character);
      } else {
        place += name.length;
        if (/^\s*::=/.test(text.slice(place, place + 200))) {
          const lost = opened.pop();
          if (lost !== undefined) return words.sampling.grammar.parenthesisNotClosed(lost);
          if (defined.has(name)) return words.sampling.grammar.twice(line, name);
          defined.add(name);
        } else used.push({ name, line });
      }
    }
  }
  const lost = opened.pop();
  if (lost !== undefined) return words.sampling.grammar.parenthesisNotClosed(lost);
  if (defined.size === 0) return words.sampling.grammar.noRules;
  const missing = used.find(({ name }) => !defined.has(name));
  if (missing) return words.sampling.grammar.noRule(missing.line, missing.name);
  return defined.has('root') ? null : words.sampling.grammar.noRoot;
}
