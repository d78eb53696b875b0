/** Reads schemas into branches, and their opposites. */
import { bothOf, EVERY_KIND, everything, OBJECT, type Branch } from './branch.ts';
import { isRefusal, refusal } from './budget.ts';
import { createExclusive, type ExclusiveOptions } from './exclusive.ts';
import { readKeywords } from './keywords.ts';
import { readOpposite } from './opposites.ts';
import { isList, isObject, valueOf, type JsonObject, type References, type Schema } from './references.ts';
import { withoutUnevaluated } from './unevaluated.ts';

/** Branches that one schema may come to. */
const MAX_BRANCHES = 400;

/** Keywords that ask nothing of a value. */
const annotations = new Set([
  '$comment',
  '$defs',
  '$schema',
  'default',
  'definitions',
  'deprecated',
  'description',
  'examples',
  'readOnly',
  'title',
  'writeOnly',
]);

export interface SchemaReader {
  /** The ways to satisfy every one of `schemas`. */
  branchesOf(schemas: readonly Schema[]): readonly Branch[];
  /** A schema that allows what `schema` does not. */
  opposite(schema: Schema): Schema;
  /** What a schema that is a `$ref` alone stands for; others as they are, and without any keyword as `true`. */
  followed(schema: Schema): Schema;
  readonly references: References;
}

export interface SchemaReaderOptions extends Pick<ExclusiveOptions, 'budget' | 'isEmpty' | 'closed' | 'toldApart'> {
  readonly references: References;
}

/** @throws AppError `invalid_input` for keywords that cannot be held, from every function. */
export function createSchemaReader(options: SchemaReaderOptions): SchemaReader {
  const { references, budget } = options;
  const known = new Map<JsonObject, readonly Branch[]>();
  const knownOpposites = new Map<JsonObject, readonly Branch[]>();
  const open = new Set<JsonObject>();
  const opposites = new Map<JsonObject, JsonObject>();
  const exclusive = createExclusive({ ...options, all, limit, read, readOpposites });

  function all(lists: readonly (readonly Branch[])[], keyword: string, place: string): readonly Branch[] {
    let result: readonly Branch[] = [everything];
    for (const list of lists) {
      budget.at(keyword, place);
      budget.spend(4 * result.length * list.length);
      result = result.flatMap((a) => list.flatMap((b) => bothOf(a, b) ?? []));
      limit(result, keyword, place);
    }
    return result;
  }

  function limit(branches: readonly Branch[], keyword: string, place: string): void {
    if (branches.length > MAX_BRANCHES)
      throw refusal(keyword, place, `it comes to more than ${MAX_BRANCHES} alternatives`);
  }

  /** Refuses schemas that are themselves before anything of a value is read. */
  function guarded(schema: JsonObject, work: () => readonly Branch[]): readonly Branch[] {
    if (open.has(schema)) throw refusal('$ref', references.placeOf(schema), 'it refers to itself without end');
    open.add(schema);
    try {
      return work();
    } finally {
      open.delete(schema);
    }
  }

  function read(schema: Schema): readonly Branch[] {
    if (schema === true) return [everything];
    if (schema === false) return [];
    if (!isObject(schema)) throw refusal('$schema', '', 'a schema is an object, true or false');
    const found = known.get(schema);
    if (found) return found;
    const branches = guarded(schema, () => readObject(schema));
    known.set(schema, branches);
    return branches;
  }

  function readObject(schema: JsonObject): readonly Branch[] {
    const place = references.placeOf(schema);
    budget.spend(5);
    for (const keyword of ['$dynamicRef', '$recursiveRef'])
      if (valueOf(schema, keyword) !== undefined)
        throw refusal(keyword, place, 'references that depend on the way are not supported');
    const not = valueOf(schema, 'not');
    const own = readKeywords(schema, place);
    const lists: (readonly Branch[])[] = [own ? [own] : []];
    const reference = referenceOf(schema, place);
    if (reference !== undefined) lists.push(read(reference));
    for (const part of listOf(schema, 'allOf', place)) lists.push(read(part));
    const parts = valueOf(schema, 'anyOf') === undefined ? null : listOf(schema, 'anyOf', place);
    if (parts) lists.push(parts.flatMap(read));
    if (not !== undefined) lists.push(instead('not', place, () => readOpposites(not)));
    lists.push(...conditions(schema, place));
    let result = all(lists, reference === undefined ? 'allOf' : '$ref', place);
    const either = valueOf(schema, 'oneOf') === undefined ? null : listOf(schema, 'oneOf', place);
    if (either) result = exclusive.exactlyOne(result, either, place);
    result = withoutUnevaluated(schema, result, place);
    limit(result, either ? 'oneOf' : 'anyOf', place);
    return result;
  }

  function referenceOf(schema: JsonObject, place: string): Schema | undefined {
    const reference = valueOf(schema, '$ref');
    if (reference === undefined) return undefined;
    if (typeof reference !== 'string') throw refusal('$ref', place, 'it must be text');
    return references.resolve(reference, schema);
  }

  function conditions(schema: JsonObject, place: string): readonly (readonly Branch[])[] {
    const lists: (readonly Branch[])[] = [];
    const when = valueOf(schema, 'if');
    if (when !== undefined) {
      const yes = all([read(when), read(valueOf(schema, 'then') ?? true)], 'if', place);
      const otherwise = read(valueOf(schema, 'else') ?? true);
      lists.push([...yes, ...all([instead('if', place, () => readOpposites(when)), otherwise], 'if', place)]);
    }
    for (const keyword of ['dependentRequired', 'dependentSchemas', 'dependencies']) {
      const table = valueOf(schema, keyword);
      if (table === undefined) continue;
      if (!isObject(table)) throw refusal(keyword, place, 'it must be an object');
      for (const [name, wanted] of Object.entries(table)) {
        const present: Branch = { ...everything, required: new Set([name]), place };
        const with_ = isList(wanted)
          ? [{ ...present, required: new Set([name, ...wanted.filter((one) => typeof one === 'string')]) }]
          : all([[present], read(wanted)], keyword, place);
        lists.push([
          { ...everything, absent: new Set([name]), kinds: OBJECT, place },
          ...with_.map((branch) => ({ ...branch, kinds: branch.kinds & OBJECT })),
          { ...everything, kinds: EVERY_KIND & ~OBJECT },
        ]);
      }
    }
    return lists;
  }

  function readOpposites(schema: Schema): readonly Branch[] {
    if (schema === true) return [];
    if (schema === false) return [everything];
    if (!isObject(schema)) throw refusal('$schema', '', 'a schema is an object, true or false');
    const found = knownOpposites.get(schema);
    if (found) return found;
    const branches = guarded(schema, () => {
      const place = references.placeOf(schema);
      const reference = referenceOf(schema, place);
      const inner = valueOf(schema, 'not');
      const result = [
        ...readOpposite(schema, place, opposite),
        ...(reference === undefined ? [] : readOpposites(reference)),
        ...listOf(schema, 'allOf', place).flatMap(readOpposites),
        ...(valueOf(schema, 'anyOf') === undefined
          ? []
          : all(listOf(schema, 'anyOf', place).map(readOpposites), 'anyOf', place)),
        ...(inner === undefined ? [] : read(inner).map(withoutAnnotations)),
      ];
      limit(result, 'not', place);
      return result;
    });
    knownOpposites.set(schema, branches);
    return branches;
  }

  function opposite(schema: Schema): Schema {
    if (typeof schema === 'boolean') return !schema;
    if (!isObject(schema)) return false;
    const found = opposites.get(schema);
    if (found) return found;
    const made: JsonObject = { not: schema };
    references.adopt(made, schema);
    opposites.set(schema, made);
    return made;
  }

  function followed(schema: Schema): Schema {
    let target = schema;
    for (let steps = 0; steps < 50 && isObject(target); steps++) {
      const keywords = Object.keys(target).filter((key) => !annotations.has(key));
      if (keywords.length === 0) return true;
      if (keywords.length > 1 || keywords[0] !== '$ref') break;
      target = referenceOf(target, references.placeOf(target)) ?? true;
    }
    return target;
  }

  return {
    references,
    opposite,
    followed,
    branchesOf: (schemas) => all(schemas.map(read), 'allOf', references.placeOf(schemas[0] ?? true)),
  };
}

/** What a schema within `not` says of properties and items counts for a value, but leaves them unevaluated. */
const withoutAnnotations = (branch: Branch): Branch => ({
  ...branch,
  objects: branch.objects.map((rule) => ({ ...rule, evaluates: false })),
  arrays: branch.arrays.map((rule) => ({ ...rule, evaluates: false })),
});

function listOf(schema: JsonObject, keyword: string, place: string): readonly Schema[] {
  const list = valueOf(schema, keyword);
  if (list === undefined) return [];
  if (!isList(list) || list.length === 0) throw refusal(keyword, place, 'it must be a list of schemas');
  return list;
}

/** Refuses `keyword` where the work would refuse what is in it. */
function instead<T>(keyword: string, place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw refusal(keyword, place, `the opposite of "${String(error.data['keyword'])}" has no grammar`);
  }
}
