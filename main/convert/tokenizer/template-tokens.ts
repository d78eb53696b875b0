/** The tokens that a tokenizer's post-processor puts around one text. */
import { isFields } from '../vocabulary/json-fields.ts';
import type { Step } from '../vocabulary/tokenizer-structure.ts';

export interface NamedToken {
  readonly name: string;
  /** Null: that of the vocabulary. */
  readonly id: number | null;
}

export interface TemplateTokens {
  readonly before: readonly NamedToken[];
  readonly after: readonly NamedToken[];
}

/** Steps in their order: a later one stands outside an earlier one. */
export function createTemplate(steps: readonly Step[]): TemplateTokens {
  let before: NamedToken[] = [];
  let after: NamedToken[] = [];
  for (const { type, fields } of steps) {
    if (type === 'BertProcessing' || type === 'RobertaProcessing') {
      before = [...nameOf(fields['cls']), ...before];
      after = [...after, ...nameOf(fields['sep'])];
    } else if (type === 'TemplateProcessing' && Array.isArray(fields['single'])) {
      const single = fields['single'] as readonly unknown[];
      const at = single.findIndex((piece) => isFields(piece) && 'Sequence' in piece);
      const names = single.map((piece) => specialNames(piece, fields['special_tokens']));
      before = [...names.slice(0, Math.max(0, at)).flat(), ...before];
      after = [...after, ...names.slice(at + 1).flat()];
    }
  }
  return { before, after };
}

/** A pair of a text and an id. */
function nameOf(pair: unknown): NamedToken[] {
  const [name, id] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
  return typeof name === 'string' ? [{ name, id: typeof id === 'number' ? id : null }] : [];
}

/** A name in the template stands for one or several tokens, whose ids stand beside. */
function specialNames(piece: unknown, table: unknown): NamedToken[] {
  const part = isFields(piece) ? piece['SpecialToken'] : null;
  const name = isFields(part) ? part['id'] : null;
  if (typeof name !== 'string') return [];
  const entry = isFields(table) && Object.hasOwn(table, name) ? table[name] : null;
  const tokens: unknown = isFields(entry) ? entry['tokens'] : null;
  const ids: unknown = isFields(entry) ? entry['ids'] : null;
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'number')) return [{ name, id: null }];
  const names: readonly unknown[] = Array.isArray(tokens) ? tokens : [];
  return (ids as readonly number[]).map((id, index) => {
    const text = names[index];
    return { name: typeof text === 'string' ? text : name, id };
  });
}
