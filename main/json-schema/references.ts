/** The parts of a schema document: where each one stands, and what a `$ref` in it means. */
import { refusal } from './budget.ts';

/** A whole number beyond the safe integers is a bigint, where the text of the schema was read. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}
/** A schema; anything else in its place is refused where it is read. */
export type Schema = Json;

const MAX_DEPTH = 200;
const MAX_PARTS = 100_000;

const singles = [
  'items',
  'additionalItems',
  'additionalProperties',
  'contains',
  'else',
  'if',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
];
const lists = ['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems'];
const tables = ['$defs', 'definitions', 'dependencies', 'dependentSchemas', 'patternProperties', 'properties'];

export interface References {
  /** A JSON pointer to the schema, for messages. */
  placeOf(schema: Schema): string;
  /** What `reference` in `schema` names. @throws AppError `invalid_input` for what is not in the document. */
  resolve(reference: string, schema: JsonObject): Schema;
  /** A new schema in the place of `schema`: references in it mean the same. */
  adopt(made: JsonObject, schema: Schema): void;
}

interface Resource {
  readonly root: JsonObject;
  readonly base: string;
  readonly anchors: Map<string, JsonObject>;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value of an own key. */
export function valueOf(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** @throws AppError `invalid_input` for a document that is nested too deeply or has too many parts. */
export function readReferences(document: Schema): References {
  measure(document);
  const known = new Map<JsonObject, { readonly resource: Resource; readonly place: string }>();
  const resources = new Map<string, Resource>();

  // Draft 4 named it without the sign.
  const schemaUri = isObject(document) ? valueOf(document, '$schema') : undefined;
  const idKey = typeof schemaUri === 'string' && schemaUri.includes('draft-04') ? 'id' : '$id';

  function visit(start: JsonObject, parent: Resource | null, startPlace: string): void {
    const waiting = [{ schema: start, parent, place: startPlace }];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { schema, place } = next;
      if (known.has(schema)) continue;
      const resource = resourceOf(schema, next.parent);
      known.set(schema, { resource, place });
      for (const key of ['$anchor', '$dynamicAnchor']) {
        const anchor = valueOf(schema, key);
        if (typeof anchor === 'string') resource.anchors.set(anchor, schema);
      }
      // Up to draft 7 an anchor is such an id.
      const id = valueOf(schema, idKey);
      if (typeof id === 'string' && id.startsWith('#')) resource.anchors.set(id.slice(1), schema);
      const enter = (value: Json | undefined, below: string): void => {
        if (isObject(value)) waiting.push({ schema: value, parent: resource, place: below });
      };
      for (const key of singles) enter(valueOf(schema, key), `${place}/${key}`);
      for (const key of lists) {
        const list = valueOf(schema, key);
        if (isList(list)) for (const [index, one] of list.entries()) enter(one, `${place}/${key}/${index}`);
      }
      for (const key of tables) {
        const table = valueOf(schema, key);
        if (isObject(table))
          for (const [name, one] of Object.entries(table)) enter(one, `${place}/${key}/${escaped(name)}`);
      }
    }
  }

  function resourceOf(schema: JsonObject, parent: Resource | null): Resource {
    const id = valueOf(schema, idKey);
    if (parent && (typeof id !== 'string' || id.startsWith('#'))) return parent;
    const base = absolute(typeof id === 'string' ? id : '', parent?.base ?? 'schema:/')?.split('#')[0] ?? 'schema:/';
    const made: Resource = { root: schema, base, anchors: new Map() };
    if (!resources.has(base)) resources.set(base, made);
    return made;
  }

  function resolve(reference: string, schema: JsonObject): Schema {
    const from = known.get(schema);
    const refuse = (why: string) => refusal('$ref', from?.place ?? '', why);
    const [address = '', fragment = ''] = reference.split('#', 2);
    let resource = from?.resource;
    if (address !== '') {
      const url = absolute(address, resource?.base ?? 'schema:/');
      resource = url === null ? undefined : resources.get(url);
    }
    if (!resource) throw refuse(`${JSON.stringify(shown(reference))} is not in this document`);
    let decoded: string;
    try {
      decoded = decodeURIComponent(fragment);
    } catch {
      throw refuse(`${JSON.stringify(shown(reference))} is not a reference`);
    }
    if (decoded !== '' && !decoded.startsWith('/')) {
      const target = resource.anchors.get(decoded);
      if (!target) throw refuse(`there is no anchor ${JSON.stringify(shown(decoded))}`);
      return target;
    }
    let target: Json | undefined = resource.root;
    for (const part of decoded.split('/').slice(1)) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      if (isList(target)) target = /^(0|[1-9]\d*)$/.test(key) ? target[Number(key)] : undefined;
      else target = isObject(target) ? valueOf(target, key) : undefined;
      if (target === undefined) throw refuse(`nothing is at ${JSON.stringify(shown(reference))}`);
      // The way may lead through resources of their own.
      if (isObject(target)) resource = known.get(target)?.resource ?? resource;
    }
    if (isObject(target)) visit(target, resource, decoded);
    return target ?? true;
  }

  if (isObject(document)) visit(document, null, '');
  return {
    placeOf: (schema) => (isObject(schema) ? (known.get(schema)?.place ?? '') : ''),
    resolve,
    adopt(made, schema) {
      const from = isObject(schema) ? known.get(schema) : undefined;
      if (from) known.set(made, from);
    },
  };
}

const shown = (text: string): string => text.slice(0, 100);
const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

function absolute(reference: string, base: string): string | null {
  try {
    return new URL(reference, base).href;
  } catch {
    return null;
  }
}

/** Refuses documents that would be read by too deep a recursion. */
function measure(document: Json): void {
  const waiting: { readonly value: Json; readonly depth: number }[] = [{ value: document, depth: 0 }];
  let parts = 0;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, depth } = next;
    if (typeof value === 'number' && !Number.isFinite(value)) throw refusal('const', '', 'a number is too large');
    if (typeof value !== 'object' || value === null) continue;
    if (depth > MAX_DEPTH) throw refusal('$schema', '', `the document is nested deeper than ${MAX_DEPTH} levels`);
    const inner = isList(value) ? value : Object.values(value);
    parts += inner.length;
    if (parts > MAX_PARTS) throw refusal('$schema', '', `the document has more than ${MAX_PARTS} parts`);
    for (const one of inner) waiting.push({ value: one, depth: depth + 1 });
  }
}
