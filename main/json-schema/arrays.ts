/** Arrays: the items of a prefix, then the others, as many as are allowed. */
import type { Branch } from './branch.ts';
import { refusal } from './budget.ts';
import { gap, ws, type Context } from './context.ts';
import { itemSchemas, laterItemSchemas } from './parts.ts';
import type { Element, Sequence } from './rules.ts';

const MAX_COUNTED = 5000;
/** Values of which arrays without equal items are made. */
const MAX_UNIQUE = 8;

const empty: Sequence = [{ literal: '[]' }];
const open: Sequence = [{ literal: '[' }, ws];
const close: Sequence = [ws, { literal: ']' }];
const comma: Sequence = [{ literal: ',' }, gap];

/** The arrays that the branch allows; none where there are none. */
export function arraySequences(branch: Branch, hint: string, context: Context): readonly Sequence[] {
  const { book, budget } = context;
  if (branch.unique && !(branch.maxItems !== null && branch.maxItems <= 1))
    return uniqueSequences(branch, hint, context);
  if (branch.contains.length > 0) return containing(branch, hint, context);
  const prefix = Math.max(0, ...branch.arrays.map((rule) => rule.prefix.length));
  const restSchemas = laterItemSchemas(branch);
  const least = branch.minItems;
  let most = branch.maxItems;
  const items: Element[] = [];
  for (let index = 0; index < prefix && (most === null || index < most); index++) {
    const item = ruleAt(branch, index, `${hint}-${index + 1}`, context);
    if (item) items.push(item);
    else most = index;
  }
  const rest = most !== null && most <= items.length ? null : context.ruleOf(restSchemas, `${hint}-item`);
  if (!rest) most = Math.min(most ?? Infinity, items.length);
  if (most !== null && least > most) return [];
  if (Math.max(least, most ?? 0) > MAX_COUNTED)
    throw refusal((most ?? 0) > MAX_COUNTED ? 'maxItems' : 'minItems', branch.place, `it counts beyond ${MAX_COUNTED}`);
  budget.spend(4 * Math.max(least, most ?? 0));
  if (most === 0) return [empty];
  if (prefix === 0 && least <= 1 && most === null && restSchemas.length === 0)
    return least === 0
      ? [[{ rule: 'array' }]]
      : [[...open, { rule: 'value' }, repeated({ rule: 'value' }, hint, context)]];

  /** What follows so many items. */
  let tail: Sequence = close;
  const restCount = Math.max(0, Math.max(least, 1) - items.length);
  if (rest) {
    const piece = pieceOf(rest, context);
    const more =
      most === null
        ? [repeated(rest, hint, context)]
        : optionalChain(piece, most - items.length - restCount, hint, context);
    const first: Sequence = items.length === 0 ? [rest] : restCount > 0 ? [piece] : [];
    const exact = Array.from({ length: Math.max(0, restCount - 1) }, () => piece);
    tail = [...first, ...exact, ...more];
  }
  for (let index = items.length - 1; index >= 0; index--) {
    const item = items[index];
    if (!item) continue;
    const here: Sequence = [...(index === 0 ? [] : comma), item, ...tail];
    if (index >= Math.max(least, 1)) {
      const name = book.name(`${hint}-from-${index + 1}`);
      book.defineEnd(name, [here, close]);
      tail = [{ rule: name }];
    } else tail = here;
  }
  return least === 0 ? [[...open, ...tail], empty] : [[...open, ...tail]];
}

function ruleAt(branch: Branch, index: number, hint: string, context: Context): Element | null {
  return context.ruleOf(itemSchemas(branch, index), hint);
}

/** A further item with its comma. */
function pieceOf(item: Element, { book }: Context): Element {
  return book.shared(`next-${'rule' in item ? item.rule : ''}`, () => [[...comma, item]]);
}

/** Any number of further items, and the end. */
function repeated(item: Element, hint: string, context: Context): Element {
  const name = context.book.name(`${hint}-more`);
  context.book.defineEnd(name, [[pieceOf(item, context), { rule: name }], close]);
  return { rule: name };
}

/** At most `count` further items, and the end. */
function optionalChain(piece: Element, count: number, hint: string, { book }: Context): Sequence {
  let rest = close;
  for (let index = 0; index < count; index++) {
    const name = book.name(`${hint}-up-to-${index + 1}`);
    book.defineEnd(name, [[piece, ...rest], close]);
    rest = [{ rule: name }];
  }
  return rest;
}

/** One item satisfies `contains`: items, then that one, then items. */
function containing(branch: Branch, hint: string, context: Context): readonly Sequence[] {
  const { contains, arrays, minItems, maxItems, place } = branch;
  const [wanted] = contains;
  if (
    contains.length > 1 ||
    wanted === undefined ||
    arrays.some((rule) => rule.prefix.length > 0) ||
    minItems > 1 ||
    maxItems !== null
  )
    throw refusal('contains', place, 'it has a grammar only without a prefix and without a number of items');
  const rest = laterItemSchemas(branch);
  const item = context.ruleOf(rest, `${hint}-item`);
  const match = context.ruleOf([...rest, wanted], `${hint}-wanted`);
  if (!item || !match) return [];
  const name = context.book.name(`${hint}-until`);
  context.book.defineEnd(name, [
    [match, repeated(item, hint, context)],
    [item, ...comma, { rule: name }],
  ]);
  return [[...open, { rule: name }]];
}

/** Arrays without equal items, of few values: a rule for each set of those that are left. */
function uniqueSequences(branch: Branch, hint: string, context: Context): readonly Sequence[] {
  const { book, values } = context;
  const refuse = () =>
    refusal('uniqueItems', branch.place, `it has a grammar only for items of at most ${MAX_UNIQUE} values`);
  if (branch.contains.length > 0 || branch.arrays.some((rule) => rule.prefix.length > 0)) throw refuse();
  const all = values.few(laterItemSchemas(branch));
  if (!all || all.length > MAX_UNIQUE) throw refuse();
  const most = Math.min(branch.maxItems ?? all.length, all.length);
  if (branch.minItems > most) return [];
  const names = new Map<number, string>();
  const after = (used: number): Sequence => {
    const count = [...used.toString(2)].filter((bit) => bit === '1').length;
    if (count === most) return close;
    let name = names.get(used);
    if (name === undefined) {
      name = book.name(`${hint}-left`);
      names.set(used, name);
      const next = all.flatMap((value, index): readonly Sequence[] =>
        (used & (1 << index)) === 0
          ? [[...(count === 0 ? [] : comma), ...context.valueSequence(value), ...after(used | (1 << index))]]
          : [],
      );
      book.defineEnd(name, count > 0 && count >= branch.minItems ? [...next, close] : next);
    }
    return [{ rule: name }];
  };
  const some: readonly Sequence[] = most === 0 ? [] : [[...open, ...after(0)]];
  return branch.minItems === 0 ? [...some, empty] : some;
}
