/**
 * Calls of MiniMax M3: a tag for each argument with its key as the name, a mark before every tag, and lists and objects as tags within,
 * `<invoke name="NAME"><KEY>value</KEY><LIST><item>value</item></LIST></invoke>`.
 */
import { orderedObject } from '../../../preload/wire/json.ts';
import { partOf, readArgument, typesOf, type ValueSchema } from './argument-values.ts';
import { DEEPEST } from './text-cursor.ts';

/** The mark before every tag. */
export const minimaxMark = ']<]minimax[>[';

export interface MinimaxCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

interface Tag {
  readonly name: string;
  text: string;
  readonly children: Tag[];
}

/** The calls of a body that is nothing else; null when it is anything else. `schemaOf` gives the schema of a tool's arguments. */
export function readMinimaxCalls(body: string, schemaOf: (name: string) => ValueSchema): readonly MinimaxCall[] | null {
  const calls: MinimaxCall[] = [];
  for (const tag of readTags(body)?.children ?? []) {
    const name = /^invoke\s+name="([^"]+)"$/.exec(tag.name)?.[1];
    if (name === undefined || tag.text.trim() !== '') return null;
    const values = objectOf(tag, schemaOf(name));
    if (!values) return null;
    calls.push({ name, arguments: values });
  }
  return calls.length > 0 ? calls : null;
}

/** All tags as the children of one; null where one isn't closed, or is closed by another's end. */
function readTags(body: string): Tag | null {
  const [before = '', ...pieces] = body.split(minimaxMark);
  const open: Tag[] = [{ name: '', text: before, children: [] }];
  for (const piece of pieces) {
    const [whole = '', end, name = ''] = /^<(\/?)([^<>]+)>/.exec(piece) ?? [];
    const text = piece.slice(whole.length);
    const last = open.at(-1);
    if (!last || whole === '') return null;
    if (end === '') {
      const tag: Tag = { name, text, children: [] };
      last.children.push(tag);
      open.push(tag);
    } else {
      open.pop();
      const outer = open.at(-1);
      if (last.name.split(/\s/)[0] !== name || !outer) return null;
      outer.text += text;
    }
    if (open.length > DEEPEST) return null;
  }
  const [root, ...others] = open;
  return root && others.length === 0 && root.text.trim() === '' ? root : null;
}

const failed = Symbol('no value');

/** An object of the tags within; null where one has no value, or stands there twice. */
function objectOf(tag: Tag, schema: ValueSchema): Readonly<Record<string, unknown>> | null {
  const entries = tag.children.map((child) => [child.name, valueOf(child, partOf(schema, child.name))] as const);
  if (entries.some(([, value]) => value === failed) || new Set(entries.map(([key]) => key)).size < entries.length)
    return null;
  return orderedObject(entries);
}

function valueOf(tag: Tag, schema: ValueSchema): unknown {
  const types = typesOf(schema);
  if (tag.children.length === 0) {
    if (tag.text !== '' || types === null || types.has('string')) return readArgument(tag.text, schema);
    return types.has('array') ? [] : types.has('object') ? {} : '';
  }
  if (tag.text.trim() !== '') return failed;
  const isList = tag.children.every(({ name }) => name === 'item') && (!types || types.has('array'));
  if (!isList) return objectOf(tag, schema) ?? failed;
  const items = tag.children.map((child) => valueOf(child, partOf(schema, null)));
  return items.includes(failed) ? failed : items;
}
