/**
 * The forms of a reply as vLLM names them: `structured_outputs`, and the older `guided_*` fields.
 * https://docs.vllm.ai/en/latest/features/structured_outputs.html. What cannot be kept to is refused: a form that is passed over in
 * silence is the worst of answers.
 */
import { z } from 'zod';
import type { Sampling } from '../../../preload/contract/chat.ts';
import { isGiven } from '../generation/given.ts';

type Form = Sampling['grammar'];

const choicesSchema = z.array(z.string().min(1).max(10_000)).min(1).max(1000);
const jsonSchema = z.record(z.string(), z.unknown());
const refused = (what: string) =>
  z.never({ error: `${what} is not kept to here; send a JSON schema, or a GBNF grammar in "grammar"` }).nullish();

export const guidedFields = {
  structured_outputs: z
    .object({
      json: jsonSchema.nullish(),
      choice: choicesSchema.nullish(),
      json_object: z.boolean().nullish(),
      regex: refused('a regular expression'),
      grammar: refused('a grammar of vLLM'),
      structural_tag: refused('a structural tag'),
    })
    .nullish(),
  guided_json: jsonSchema.nullish(),
  guided_choice: choicesSchema.nullish(),
  guided_regex: refused('a regular expression'),
  guided_grammar: refused('a grammar of vLLM'),
};

/** The form that these fields ask for; undefined where they ask for none. */
export function readGuided(fields: z.infer<z.ZodObject<typeof guidedFields>>): Form | undefined {
  const { structured_outputs: outputs } = fields;
  const schema = outputs?.json ?? fields.guided_json;
  if (isGiven(schema)) return { kind: 'json_schema', text: JSON.stringify(schema) };
  const choices = outputs?.choice ?? fields.guided_choice;
  if (isGiven(choices)) return { kind: 'gbnf', text: `root ::= ${choices.map(literal).join(' | ')}` };
  return outputs?.json_object === true ? { kind: 'json_schema', text: '{"type":"object"}' } : undefined;
}

/** A text as a literal of GBNF, whose escapes are those of JSON for these signs. */
const literal = (text: string): string =>
  `"${text.replaceAll(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`;
