/** What goes with a name that was given to a model. */
import type { Sampling } from '../../preload/contract/chat.ts';
import type { ModelName } from '../../preload/contract/server.ts';
import type { PromptMessage } from '../chat-format/messages.ts';
import type { GenerateInput } from '../engine/engine.ts';

/** The conversation with what the name puts before it; anything else as it is. */
export function withPreset<Input extends GenerateInput>(
  preset: Pick<ModelName, 'systemPrompt' | 'messages'> | null,
  input: Input,
): Input {
  if (!preset || !('messages' in input)) return input;
  const hasSystem = input.messages.some(({ role }) => role === 'system');
  const system: PromptMessage[] =
    preset.systemPrompt !== null && !hasSystem ? [{ role: 'system', content: preset.systemPrompt }] : [];
  const own = hasSystem ? preset.messages.filter(({ role }) => role !== 'system') : preset.messages;
  const [first, rest] = hasSystem
    ? [input.messages.filter(({ role }) => role === 'system'), input.messages.filter(({ role }) => role !== 'system')]
    : [system, input.messages];
  return own.length === 0 && system.length === 0 ? input : { ...input, messages: [...first, ...own, ...rest] };
}

/** What is said of sampling; undefined counts as not said. */
export type WantedSampling = { readonly [Key in keyof Sampling]?: Sampling[Key] | undefined };

/** The sampling with what was wanted instead, the last one over those before it. */
export function samplingOver(base: Sampling, ...wanted: readonly (WantedSampling | undefined)[]): Sampling {
  const said = wanted.flatMap((one) => Object.entries(one ?? {})).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(said) };
}
