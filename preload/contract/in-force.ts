/**
 * Which system prompt and which sampling are in force, and where each value comes from. The one rule: this chat, then its persona, then the
 * model's defaults, then the settings. Without zod, for main and the page.
 */
import type { Sampling, SamplingOverrides } from './chat.ts';

/** Where a value in force comes from, from the strongest layer to the weakest. */
export type ValueOrigin = 'chat' | 'persona' | 'model' | 'settings';

/** What a layer says itself. An empty system prompt and absent values are left to the layers below. */
export interface Layer {
  readonly origin: Exclude<ValueOrigin, 'settings'>;
  readonly systemPrompt: string;
  readonly sampling: SamplingOverrides | null;
}

export interface InForce {
  /** Empty where no layer has one. */
  readonly systemPrompt: string;
  /** Null where no layer has one. */
  readonly systemPromptOrigin: ValueOrigin | null;
  readonly sampling: Sampling;
  readonly samplingOrigins: Readonly<Partial<Record<keyof Sampling, ValueOrigin>>>;
}

/** What a system prompt writes where it wants the one of the layer below. */
const ORIGINAL = /\{\{original\}\}/gi;

/** What holds before any layer says something: the settings. */
export function ofSettings(sampling: Sampling): InForce {
  const keys = Object.keys(sampling) as (keyof Sampling)[];
  return {
    systemPrompt: '',
    systemPromptOrigin: null,
    sampling,
    samplingOrigins: Object.fromEntries(keys.map((key) => [key, 'settings' as const])),
  };
}

/** What is in force where `layer` lies over `below`. `{{original}}` in its system prompt is the one below. */
export function over(below: InForce, { origin, systemPrompt, sampling: own }: Layer): InForce {
  const hasPrompt = systemPrompt.trim() !== '';
  const keys = overriddenKeys(own);
  const sampling: Record<string, unknown> = { ...below.sampling };
  const samplingOrigins: Partial<Record<keyof Sampling, ValueOrigin>> = { ...below.samplingOrigins };
  for (const key of keys) {
    const value = own?.[key];
    samplingOrigins[key] = origin;
    if (value === null && !isNullAValue(key)) delete sampling[key];
    else sampling[key] = value;
  }
  return {
    // A function, because a text may have a dollar sign in it.
    systemPrompt: hasPrompt ? systemPrompt.replace(ORIGINAL, () => below.systemPrompt) : below.systemPrompt,
    systemPromptOrigin: hasPrompt ? origin : below.systemPromptOrigin,
    sampling: sampling as unknown as Sampling,
    samplingOrigins,
  };
}

/** The values that a layer sets itself. */
export function overriddenKeys(own: SamplingOverrides | null): (keyof Sampling)[] {
  if (own === null) return [];
  return (Object.keys(own) as (keyof Sampling)[]).filter((key) => own[key] !== undefined);
}

/** Null says "no limit" or "a random one" here, and is no switch. */
const isNullAValue = (key: keyof Sampling): boolean => key === 'maxTokens' || key === 'seed' || key === 'penaltyTokens';

/**
 * The overrides by which `below` becomes `wanted`: the values that differ, and those of `own` that the user set before and that `wanted`
 * still has. Null where there are none.
 */
export function overridesFor(
  wanted: Sampling,
  below: Sampling,
  own: SamplingOverrides | null = null,
): SamplingOverrides | null {
  const overrides: Record<string, unknown> = {};
  const kept = new Set<string>(overriddenKeys(own));
  for (const key of new Set([...Object.keys(wanted), ...Object.keys(below)]) as Set<keyof Sampling>) {
    const [value, before] = [wanted[key], below[key]];
    const isSame = JSON.stringify(value ?? null) === JSON.stringify(before ?? null);
    const isKept = kept.has(key) && JSON.stringify(value ?? null) === JSON.stringify(own?.[key] ?? null);
    if (!isSame || isKept) overrides[key] = value ?? null;
  }
  return Object.keys(overrides).length === 0 ? null : overrides;
}

/** The overrides without one value, which the layer below decides again. Null where none is left. */
export function withoutOverride(own: SamplingOverrides | null, key: keyof Sampling): SamplingOverrides | null {
  const rest = Object.fromEntries(Object.entries(own ?? {}).filter(([name]) => name !== key));
  return Object.keys(rest).length === 0 ? null : rest;
}
