/** What the keywords of one schema do not allow, as branches: one for each way to break them. */
import { ARRAY, EVERY_KIND, everything, NUMBER, OBJECT, STRING, type Bound, type Branch } from './branch.ts';
import { refusal } from './budget.ts';
import { createKeywordReader, kindsOf, readKeywords } from './keywords.ts';
import { valueOf, type JsonObject, type Schema } from './references.ts';

/** Keywords whose opposite has no grammar. */
const refused = [
  '$dynamicRef',
  '$recursiveRef',
  'additionalItems',
  'additionalProperties',
  'contains',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
  'if',
  'items',
  'oneOf',
  'patternProperties',
  'prefixItems',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
];

/** @throws AppError `invalid_input` for a keyword whose opposite has no grammar. */
export function readOpposite(
  schema: JsonObject,
  place: string,
  opposite: (schema: Schema) => Schema,
): readonly Branch[] {
  for (const keyword of refused)
    if (valueOf(schema, keyword) !== undefined) throw refusal(keyword, place, 'its opposite has no grammar');
  const read = createKeywordReader(schema, place);
  const base: Branch = { ...everything, place };
  const branches: Branch[] = [];
  const { kinds, integer } = kindsOf(schema, read, place);
  if (kinds !== EVERY_KIND) branches.push({ ...base, kinds: EVERY_KIND & ~kinds });
  if (integer) branches.push({ ...base, kinds: NUMBER, fractional: true });
  const constant = valueOf(schema, 'const');
  if (constant !== undefined) branches.push({ ...base, except: [constant] });
  const choices = read.list('enum');
  if (choices) branches.push({ ...base, except: choices });
  return [...branches, ...outsideOf(schema, place, base, opposite)];
}

function outsideOf(
  schema: JsonObject,
  place: string,
  base: Branch,
  opposite: (schema: Schema) => Schema,
): readonly Branch[] {
  const branches: Branch[] = [];
  const { enum: _enum, const: _const, type: _type, ...rest } = schema;
  const own = readKeywords(rest, place);
  if (!own) return branches;
  if (own.minimum) branches.push({ ...base, kinds: NUMBER, maximum: flipped(own.minimum) });
  if (own.maximum) branches.push({ ...base, kinds: NUMBER, minimum: flipped(own.maximum) });
  for (const multiple of own.multiples)
    branches.push({ ...base, kinds: NUMBER, multiples: [{ ...multiple, negated: true }] });
  if (own.minLength > 0) branches.push({ ...base, kinds: STRING, maxLength: own.minLength - 1 });
  if (own.maxLength !== null) branches.push({ ...base, kinds: STRING, minLength: own.maxLength + 1 });
  for (const text of own.texts) branches.push({ ...base, kinds: STRING, texts: [{ ...text, negated: true }] });
  if (own.minItems > 0) branches.push({ ...base, kinds: ARRAY, maxItems: own.minItems - 1 });
  if (own.maxItems !== null) branches.push({ ...base, kinds: ARRAY, minItems: own.maxItems + 1 });
  if (own.unique) throw refusal('uniqueItems', place, 'its opposite has no grammar');
  if (own.minProperties > 0) branches.push({ ...base, kinds: OBJECT, maxProperties: own.minProperties - 1 });
  if (own.maxProperties !== null) branches.push({ ...base, kinds: OBJECT, minProperties: own.maxProperties + 1 });
  for (const name of own.required) branches.push({ ...base, kinds: OBJECT, absent: new Set([name]) });
  for (const rule of own.objects)
    for (const [name, value] of rule.named)
      branches.push({
        ...base,
        kinds: OBJECT,
        required: new Set([name]),
        objects: [
          { named: new Map([[name, opposite(value)]]), patterns: new Map(), additional: undefined, evaluates: false },
        ],
      });
  return branches;
}

function flipped({ value, exclusive }: Bound): Bound {
  return { value, exclusive: !exclusive };
}
