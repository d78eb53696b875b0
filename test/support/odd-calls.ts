/** Calls of the contract's routes for fuzzing: inputs as their schemas allow them, damaged inputs, and handlers that cost nothing. */
import vm from 'node:vm';
import v8 from 'node:v8';
import { z } from 'zod';
import { contract, type HearthHandlers } from '../../preload/contract/contract.ts';
import { pick, type Random } from './random.ts';

export const routeNames = Object.keys(contract) as (keyof typeof contract)[];

interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema | false;
  readonly prefixItems?: readonly JsonSchema[];
  readonly minItems?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

const schemas = new Map(
  routeNames.map((route) => [
    route,
    z.toJSONSchema(contract[route].input as z.ZodType, { unrepresentable: 'any', io: 'input' }) as JsonSchema,
  ]),
);

const oddTexts = [
  '',
  ' ',
  'a',
  'o/n/f.gguf',
  '../x',
  '__proto__',
  '\ud800',
  '\u0000',
  '𝔘'.repeat(40),
  'x'.repeat(3000),
];
const oddNumbers = [0, -0, 1, -1, 0.5, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308, 5e-324];
const oddKeys = ['__proto__', 'constructor', 'toString', 'then', 'toJSON', 'length', '', 'x', '0'];

/** Arrays in arrays, of which a reader that calls itself has too many. */
function nested(depth: number): unknown {
  let value: unknown = 0;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

/** Any value of JSON. */
export function oddValue(random: Random): unknown {
  switch (random(12)) {
    case 0:
      return null;
    case 1:
      return random(2) === 0;
    case 2:
    case 3:
      return pick(random, oddNumbers);
    case 4:
      return Array.from({ length: random(40) }, () => pick(random, oddTexts));
    case 5:
      return Object.fromEntries(oddKeys.map((key) => [key, pick(random, oddNumbers)]));
    case 6:
      return random(20) === 0 ? nested(3000) : nested(random(20));
    case 7:
      return { message: { toString: 1, valueOf: 1 }, code: 'internal', data: [1, { toString: 0 }] };
    default:
      return pick(random, oddTexts);
  }
}

function sample(schema: JsonSchema, root: JsonSchema, random: Random, depth = 0): unknown {
  const at = (inner: JsonSchema): unknown => sample(inner, root, random, depth + 1);
  if (depth > 8) return null;
  if (schema.$ref !== undefined) return at(root.$defs?.[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  if ('const' in schema) return schema.const;
  if (schema.enum) return pick(random, schema.enum);
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choices) return at(pick(random, choices));
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([name]) => schema.required?.includes(name) === true || random(2) === 0)
          .map(([name, inner]) => [name, at(inner)]),
      );
    case 'array': {
      const { prefixItems = [], items = {} } = schema;
      const length = Math.max(0, (schema.minItems ?? 0) - prefixItems.length) + random(3);
      return [...prefixItems.map(at), ...(items === false ? [] : Array.from({ length }, () => at(items)))];
    }
    case 'integer':
    case 'number': {
      const [low, high] = [schema.minimum ?? 0, schema.maximum ?? 1000];
      return schema.type === 'integer' ? Math.floor(low + random(Math.min(high - low, 1000) + 1)) : (low + high) / 2;
    }
    case 'boolean':
      return random(2) === 0;
    case 'string':
      // Most patterns are those of ids: without one that fits, the routes of models are never reached.
      if (schema.pattern !== undefined && random(3) !== 0) return 'o/n/f.gguf';
      return random(2) === 0 ? 'x'.repeat(Math.max(schema.minLength ?? 0, 1)) : pick(random, oddTexts);
    case 'null':
      return null;
    default:
      return oddValue(random);
  }
}

/** The value with one of its parts replaced, removed or added. */
export function damagedValue(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random(4) === 0) return oddValue(random);
  if (Array.isArray(value)) {
    const at = random(value.length + 1);
    return value.toSpliced(at, 1, damagedValue(value[at], random));
  }
  const entries = Object.entries(value);
  const at = random(entries.length + 1);
  const [name, inner] = entries[at] ?? [pick(random, oddKeys), null];
  entries.splice(at, 1, ...(random(4) === 0 ? [] : [[name, damagedValue(inner, random)] as [string, unknown]]));
  return Object.fromEntries(entries);
}

/** An input for `route`: some are as its schema says, the others have one damage or several. */
export function oddInput(route: keyof typeof contract, random: Random): unknown {
  const schema = schemas.get(route) ?? {};
  let input = sample(schema, schema, random);
  for (let left = pick(random, [0, 0, 1, 1, 2, 5]); left > 0; left--) input = damagedValue(input, random);
  return input;
}

/** Handlers of every route. Calls answer their input, and streams have up to 150 events, more than go out without credit. */
export function cheapHandlers(random: Random): { handlers: HearthHandlers; running: () => number; ran: () => number } {
  let running = 0;
  let ran = 0;
  const answer = (input: unknown): unknown => {
    ran++;
    return input;
  };
  async function* events(input: unknown): AsyncGenerator {
    ran++;
    running++;
    try {
      for (let left = random(150); left > 0; left--) yield left === 1 ? input : left;
    } finally {
      running--;
    }
  }
  const table = routeNames.map((route) => [route, contract[route].kind === 'call' ? answer : events]);
  return { handlers: Object.fromEntries(table) as HearthHandlers, running: () => running, ran: () => ran };
}

/** Watches for what would end main. Answers the errors, and the growth of the heap since `settled` was called. */
export function watchProcess(): { errors: unknown[]; settled: () => void; grownBytes: () => number; end: () => void } {
  const errors: unknown[] = [];
  const note = (error: unknown): void => void errors.push(error);
  process.on('uncaughtException', note).on('unhandledRejection', note);
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  const heapBytes = (): number => (collect(), process.memoryUsage().heapUsed);
  let before = 0;
  return {
    errors,
    settled: () => void (before = heapBytes()),
    grownBytes: () => heapBytes() - before,
    end: () => void process.off('uncaughtException', note).off('unhandledRejection', note),
  };
}
