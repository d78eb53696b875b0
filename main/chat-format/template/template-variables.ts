/** What a chat template is given. */

export interface SpecialText {
  readonly bos: string;
  readonly eos: string;
}

/** What every template is given, in a chat and where one looks at it. */
export const templateVariables = (
  messages: readonly object[],
  tools: readonly object[] | null,
  special: SpecialText,
): Readonly<Record<string, unknown>> => ({
  messages,
  tools,
  add_generation_prompt: true,
  bos_token: special.bos,
  eos_token: special.eos,
  // Also in transformers it is there and None.
  documents: null,
});
