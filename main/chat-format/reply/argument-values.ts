/** The value of an argument that stands as a text between tags. Only the tool's schema tells a number from a text of digits. */
import { readPythonLiteral } from './python-calls.ts';
import { readJsonValue } from './json-value.ts';
import { DEEPEST } from './text-cursor.ts';

type Schema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A schema of a value, with the tool's whole schema, in which its references point. */
export interface ValueSchema {
  readonly schema: unknown;
  readonly root: unknown;
}

/** The value as JSON or Python writes it; the text itself where it is neither. */
export function readAnyValue(text: string): unknown {
  const value = readJsonValue(text) ?? readPythonLiteral(text);
  return value === undefined ? text : value;
}

/**
 * The value of a text for a schema. Where the schema allows a text, or says nothing of the type, the value is the text, save for
 * `null` where null is allowed.
 */
export function readArgument(text: string, at: ValueSchema): unknown {
  const listed = isSchema(at.schema) ? listOf(at.schema['enum']) : [];
  if (listed.includes(text)) return text;
  const types = typesOf(at);
  if (types === null) return text;
  if (!types.has('string')) return readAnyValue(text);
  if (types.has('null') && ['null', 'None'].includes(text.trim())) return null;
  const value = listed.length > 0 ? readAnyValue(text) : text;
  return listed.map(roughly).includes(roughly(value)) ? value : text;
}
/** A raw number as JavaScript has it, as a schema from elsewhere may have it, too. */
const roughly = (value: unknown): unknown => (JSON.isRawJSON(value) ? Number(value.rawJSON) : value);

/** What a schema says of a key of its object, or of the items of its list; through references and alternatives. */
export function partOf({ schema, root }: ValueSchema, key: string | null): ValueSchema {
  for (const one of alternatives(schema, root)) {
    const properties = one['properties'];
    const part =
      key === null ? one['items'] : isSchema(properties) && Object.hasOwn(properties, key) && properties[key];
    if (isSchema(part)) return { schema: part, root };
  }
  return { schema: undefined, root };
}

/** The schema, what it refers to and its alternatives, each once. */
function alternatives(schema: unknown, root: unknown): ReadonlySet<Schema> {
  const found = new Set<Schema>();
  const waiting = [schema];
  for (const one of waiting) {
    if (!isSchema(one) || found.has(one)) continue;
    found.add(one);
    waiting.push(referredTo(one, root), ...listOf(one['anyOf']), ...listOf(one['oneOf']), ...listOf(one['allOf']));
  }
  return found;
}

type Types = ReadonlySet<string> | null;

/** The types that a schema allows, an integer being a number; null where it allows all. */
export function typesOf({ schema, root }: ValueSchema): Types {
  const known = new Map<Schema, Types>();
  const read = (one: unknown, depth: number): Types => {
    if (!isSchema(one) || depth > DEEPEST) return null;
    const before = known.get(one);
    if (before !== undefined) return before;
    // A schema that refers to itself narrows nothing.
    known.set(one, null);
    let types = ownTypes(one);
    const narrow = (others: Types): void => {
      types = types && others ? new Set([...types].filter((type) => others.has(type))) : (types ?? others);
    };
    if ('$ref' in one) narrow(read(referredTo(one, root), depth + 1));
    for (const all of listOf(one['allOf'])) narrow(read(all, depth + 1));
    for (const choices of [listOf(one['anyOf']), listOf(one['oneOf'])]) {
      const each = choices.map((choice) => read(choice, depth + 1));
      if (each.length > 0 && !each.includes(null)) narrow(new Set(each.flatMap((some) => [...(some ?? [])])));
    }
    known.set(one, types);
    return types;
  };
  return read(schema, 0);
}

/** Keywords that say something of one type only. A schema with one and without a type means that type. */
const telling: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties', 'patternProperties', 'minProperties', 'maxProperties'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
};

function ownTypes(schema: Schema): Types {
  const type = schema['type'];
  const given = typeof type === 'string' ? [type] : listOf(type).map(String);
  const values = 'const' in schema ? [schema['const']] : listOf(schema['enum']);
  const found =
    given.length > 0
      ? given.map((one) => (one === 'integer' ? 'number' : one))
      : values.length > 0
        ? values.map(typeOfValue)
        : Object.keys(telling).filter((one) => telling[one]?.some((keyword) => keyword in schema));
  if (found.length === 0) return null;
  return new Set(schema['nullable'] === true ? [...found, 'null'] : found);
}

const typeOfValue = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof roughly(value);

/** What `$ref` points to within the tool's schema; undefined for other addresses. */
function referredTo(schema: Schema, root: unknown): unknown {
  const reference = schema['$ref'];
  if (typeof reference !== 'string' || !reference.startsWith('#')) return undefined;
  let found = root;
  for (const part of reference.slice(1).split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[key];
  }
  return found;
}
