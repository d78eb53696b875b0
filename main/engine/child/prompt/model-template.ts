/** The form of a model's conversations: its own chat template where that works, else a plain form. Chosen when the model is loaded. */
import type { LlamaModel } from 'node-llama-cpp';
import type { LoadNote, TemplateProblem } from '../../../../preload/contract/load-notes.ts';
import { isAppError } from '../../../../preload/wire/errors.ts';
import { plainForm, type PlainForm } from '../../../chat-format/template/chat-template.ts';
import type { TemplateHost, TemplateSource } from '../../../chat-format/template/template-host.ts';

export interface ModelTemplate {
  /** Null: the model has none, or one that does not work. */
  readonly template: TemplateHost | null;
  /** Null for a model without a template, which is a base model. */
  readonly plain: PlainForm | null;
  /** Why its template is not used. */
  readonly notes: readonly LoadNote[];
}

/** The template in the model file's header; null when it has none. */
export function templateSourceOf(model: LlamaModel): TemplateSource | null {
  const source = model.fileInfo.metadata.tokenizer?.chat_template;
  if (typeof source !== 'string' || source === '') return null;
  return { source, special: specialTextOf(model) };
}

/** What templates get of the vocabulary. */
export const specialTextOf = ({ tokens }: LlamaModel): TemplateSource['special'] => ({
  bos: tokens.bosString ?? '',
  eos: tokens.eosString ?? '',
});

/**
 * Tries the template with the simplest conversation: one that cannot render it is closed here, and not in the middle of a chat. `host`
 * renders the model's own template; null when it has none.
 */
export async function checkTemplate(model: LlamaModel, host: TemplateHost | null): Promise<ModelTemplate> {
  if (!host) return { template: null, plain: null, notes: [] };
  const plain = plainForm(hasChatMl(model));
  try {
    await host.render([{ role: 'user', content: 'Hello' }]);
    const problem = await host.toolProblem();
    return { template: host, plain, notes: problem === null ? [] : [{ code: 'tools_as_text', ...problem }] };
  } catch (error) {
    await host.close();
    return { template: null, plain, notes: [{ code: 'template_unused', form: plain.name, ...problemOf(error) }] };
  }
}

function problemOf(error: unknown): TemplateProblem {
  const { why, limitMs, detail } = isAppError(error) ? error.data : {};
  if (why === 'too_slow' && typeof limitMs === 'number') return { why, limitMs };
  if (why === 'ended' || why === 'invalid') return { why, detail: String(detail) };
  return { why: 'invalid', detail: error instanceof Error ? error.message : String(error) };
}

/** Whether the vocabulary has ChatML's marks as special tokens. */
function hasChatMl(model: LlamaModel): boolean {
  return ['<|im_start|>', '<|im_end|>'].every((mark) => {
    const tokens = model.tokenize(mark, true);
    return tokens.length === 1 && model.isSpecialToken(tokens[0]);
  });
}
