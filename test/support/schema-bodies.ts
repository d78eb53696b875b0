/** Bodies made from a JSON schema: the least that it accepts, and where its numbers are. */

export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
}

const waysOf = (schema: JsonSchema): readonly JsonSchema[] =>
  schema.anyOf?.flatMap(waysOf) ?? schema.oneOf?.flatMap(waysOf) ?? schema.allOf?.flatMap(waysOf) ?? [schema];

/** A place in a body: keys of objects and indices of arrays. */
export type Place = readonly (string | number)[];

export interface NumberField {
  readonly place: Place;
  readonly isInteger: boolean;
  /** The values that stand there instead must be wrong for every way that the field may be written in. */
  readonly takesText: boolean;
  readonly minimum: number | undefined;
  /** The body with this value at the place, and with what the schema asks for around it. */
  bodyWith(value: unknown): unknown;
}

/** The least value that a schema accepts, as far as types tell. */
export function leastOf(schema: JsonSchema): unknown {
  const [way = schema] = waysOf(schema);
  if (way.const !== undefined) return way.const;
  if (way.enum) return way.enum[0];
  switch (Array.isArray(way.type) ? way.type[0] : way.type) {
    case 'object':
      return Object.fromEntries((way.required ?? []).map((key) => [key, leastOf(way.properties?.[key] ?? {})]));
    case 'array':
      return Array.from({ length: way.minItems ?? 0 }, () => leastOf(way.items ?? {}));
    case 'number':
    case 'integer':
      return Math.max(way.minimum ?? 0, Math.min(0, way.maximum ?? 0));
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return 'x'.repeat(Math.max(1, way.minLength ?? 0));
  }
}

/** Every number that a body of this schema may have, at any depth. `base` is a body that is right. */
export function numberFieldsOf(schema: JsonSchema, base: unknown): readonly NumberField[] {
  return find(schema, base, [], (value) => value);
}

function find(schema: JsonSchema, base: unknown, place: Place, wrap: (value: unknown) => unknown): NumberField[] {
  const ways = waysOf(schema);
  const numbers = ways.filter(({ type }) => type === 'number' || type === 'integer');
  const own: NumberField[] =
    numbers.length > 0
      ? [
          {
            ...{ place, bodyWith: wrap, minimum: numbers[0]?.minimum },
            isInteger: numbers.every(({ type }) => type === 'integer'),
            takesText: ways.some(
              ({ type, const: only, enum: some }) => type === 'string' && only === undefined && !some,
            ),
          },
        ]
      : [];
  // Of several kinds of lists, such as texts and tokens, each item may be of each kind.
  const items = ways.flatMap((way) => (way.type === 'array' && way.items ? way.items : []));
  const inItems = items.length > 0 ? find({ anyOf: items }, undefined, [...place, 0], (value) => wrap([value])) : [];
  const inFields = ways.flatMap((way) =>
    Object.entries(way.properties ?? {}).flatMap(([key, one]) => {
      const around = isObject(base) && fits(base, way) ? base : (leastOf(way) as Record<string, unknown>);
      return find(one, around[key], [...place, key], (value) => wrap({ ...around, [key]: value }));
    }),
  );
  return [...own, ...inItems, ...inFields];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fits = (value: Record<string, unknown>, way: JsonSchema): boolean =>
  Object.entries(way.properties ?? {}).every(([key, { const: only }]) => only === undefined || value[key] === only);
