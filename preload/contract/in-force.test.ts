import { describe, expect, it } from 'vitest';
import { samplingOverridesSchema, samplingSchema } from './chat.ts';
import { defaultSampling } from './defaults.ts';
import { ofSettings, over, overridesFor, withoutOverride, type Layer } from './in-force.ts';

const settings = ofSettings(defaultSampling);
const layer = (origin: Layer['origin'], systemPrompt: string, sampling: Layer['sampling'] = null): Layer => ({
  origin,
  systemPrompt,
  sampling,
});

describe('what is in force', () => {
  it('is what the strongest layer says, value by value', () => {
    const model = over(settings, layer('model', 'Of the model.', { temperature: 0.1, topK: 10, topP: 0.5 }));
    const persona = over(model, layer('persona', 'Of the persona.', { temperature: 0.9, topK: 20 }));
    const chat = over(persona, layer('chat', '', { temperature: 2 }));
    expect(chat.sampling).toEqual({ ...defaultSampling, temperature: 2, topK: 20, topP: 0.5 });
    expect(chat.samplingOrigins).toMatchObject({
      temperature: 'chat',
      topK: 'persona',
      topP: 'model',
      minP: 'settings',
    });
    expect([chat.systemPrompt, chat.systemPromptOrigin]).toEqual(['Of the persona.', 'persona']);
    expect(settings.systemPromptOrigin).toBeNull();
  });

  it('has null as a value where null means no limit, and as a switch elsewhere', () => {
    const below = over(settings, layer('persona', '', { maxTokens: 50, xtc: { probability: 0.5, threshold: 0.1 } }));
    const chat = over(below, layer('chat', '', { maxTokens: null, xtc: null }));
    expect(chat.sampling.maxTokens).toBeNull();
    expect(chat.sampling).not.toHaveProperty('xtc');
    expect(samplingSchema.safeParse(chat.sampling).success).toBe(true);
  });

  it('puts the prompt below where a prompt asks for the original, whatever it contains', () => {
    const model = over(settings, layer('model', 'Costs $& and $1.'));
    expect(over(model, layer('persona', 'You are Ada. {{ORIGINAL}}')).systemPrompt).toBe(
      'You are Ada. Costs $& and $1.',
    );
    expect(over(settings, layer('chat', '{{original}}Hi')).systemPrompt).toBe('Hi');
  });

  it('turns an edited sampling into overrides and back', () => {
    const below = { ...defaultSampling, xtc: { probability: 0.5, threshold: 0.1 } };
    const { xtc: _xtc, ...plain } = below;
    const wanted = { ...plain, temperature: 1.5, stop: ['END'] };
    const overrides = overridesFor(wanted, below);
    expect(overrides).toEqual({ temperature: 1.5, xtc: null, stop: ['END'] });
    expect(samplingOverridesSchema.safeParse(overrides).success).toBe(true);
    const there = over({ ...settings, sampling: below }, layer('chat', '', overrides));
    expect(there.sampling).toEqual(wanted);
    // A value that the user set stays the chat's own, also where the layer below has the same meanwhile.
    expect(overridesFor(wanted, { ...below, temperature: 1.5 }, overrides)).toHaveProperty('temperature', 1.5);
    expect(overridesFor(below, below)).toBeNull();
  });

  it('gives one value back to the layer below', () => {
    expect(withoutOverride({ temperature: 1, topK: 1 }, 'topK')).toEqual({ temperature: 1 });
    expect(withoutOverride({ topK: 1 }, 'topK')).toBeNull();
    expect(withoutOverride(null, 'topK')).toBeNull();
  });
});
