/**
 * Looks at a grammar or a JSON schema while it is typed, so that its mistakes are told before a reply fails. The engine has the last word:
 * what passes here can still be refused there. GBNF as in llama.cpp's grammars/README.
 */

/** What is wrong, in plain words, or null. */
export function schemaProblem(text: string): string | null {
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (cause) {
    const at = cause instanceof Error ? /line (\d+)/.exec(cause.message)?.[1] : undefined;
    return at === undefined ? 'This is not JSON.' : `This is not JSON: look at line ${at}.`;
  }
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    return 'A JSON schema is an object, such as {"type": "object", "properties": {}}.';
  return partProblem(schema as Record<string, unknown>, '');
}

const types = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']);

function partProblem(schema: Record<string, unknown>, path: string): string | null {
  const here = path === '' ? 'at the top' : `at “${path}”`;
  const named = Array.isArray(schema['type']) ? (schema['type'] as unknown[]) : [schema['type']];
  for (const type of named)
    if (type !== undefined && (typeof type !== 'string' || !types.has(type)))
      return `There is no type ${JSON.stringify(type)} (${here}). Types are ${[...types].join(', ')}.`;
  const choices = schema['enum'];
  if (choices !== undefined && (!Array.isArray(choices) || choices.length === 0))
    return `“enum” is a list with at least one value (${here}).`;
  const { properties, items } = schema;
  if (properties !== undefined) {
    if (!isRecord(properties)) return `“properties” is an object (${here}).`;
    for (const [name, part] of Object.entries(properties)) {
      if (!isRecord(part)) return `The property “${name}” needs a schema in braces (${here}).`;
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

/** What is wrong with a GBNF grammar, in plain words with its line, or null. */
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
    return `Line ${from}: ${what} is not closed.`;
  };
  while (place < text.length) {
    const character = text.charAt(place);
    if (character === '\n') {
      line++;
      place++;
    } else if (character === '#') {
      while (place < text.length && text.charAt(place) !== '\n') place++;
    } else if (character === '"') {
      const problem = skipTo('"', 'the text in quotes');
      if (problem !== null) return problem;
    } else if (character === '[') {
      const problem = skipTo(']', 'the set of characters “[”');
      if (problem !== null) return problem;
    } else if (character === '{') {
      const problem = skipTo('}', 'the count “{”');
      if (problem !== null) return problem;
    } else if (character === '(') {
      opened.push(line);
      place++;
    } else if (character === ')') {
      if (opened.pop() === undefined) return `Line ${line}: “)” closes nothing.`;
      place++;
    } else {
      const name = /^[A-Za-z0-9_-]+/.exec(text.slice(place, place + 200))?.[0];
      if (name === undefined) {
        if (/[\s|*+?.:=]/.test(character)) place++;
        else return `Line ${line}: “${character}” has no meaning here. Text goes in quotes.`;
      } else {
        place += name.length;
        if (/^\s*::=/.test(text.slice(place, place + 200))) {
          const lost = opened.pop();
          if (lost !== undefined) return `Line ${lost}: “(” is not closed.`;
          if (defined.has(name)) return `Line ${line}: the rule “${name}” is there twice.`;
          defined.add(name);
        } else used.push({ name, line });
      }
    }
  }
  const lost = opened.pop();
  if (lost !== undefined) return `Line ${lost}: “(” is not closed.`;
  if (defined.size === 0) return 'A grammar is made of rules, such as root ::= "yes" | "no".';
  const missing = used.find(({ name }) => !defined.has(name));
  if (missing) return `Line ${missing.line}: there is no rule “${missing.name}”. Text goes in quotes.`;
  return defined.has('root') ? null : 'One rule must be called root: the reply begins with it.';
}
