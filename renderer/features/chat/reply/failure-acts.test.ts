import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../../../preload/wire/errors.ts';
import { failureActs } from './failure-acts.ts';

const here = { othersLoaded: false, modelIsHere: true, isFirst: false, fromHub: true };

describe('failureActs', () => {
  it('has an action for every code', () => {
    for (const code of errorCodes) expect(failureActs({ code, message: '' }, here).length, code).toBeGreaterThan(0);
  });

  it('offers first the action that fixes it', () => {
    const first = (code: (typeof errorCodes)[number], place = here): string | undefined =>
      failureActs({ code, message: '' }, place)[0];
    expect(first('engine.context_full')).toBe('roll');
    expect(first('engine.context_full', { ...here, isFirst: true })).toBe('load_settings');
    expect(first('engine.crashed')).toBe('retry');
    expect(first('template.invalid')).toBe('plain_form');
    expect(first('model.corrupt')).toBe('choose_model');
    expect(first('engine.out_of_memory')).toBe('load_settings');
    expect(first('engine.out_of_memory', { ...here, othersLoaded: true })).toBe('free_memory');
  });

  it('offers no settings of a deleted model', () => {
    const acts = failureActs(
      { code: 'engine.out_of_memory', message: '' },
      { othersLoaded: false, modelIsHere: false, isFirst: false, fromHub: false },
    );
    expect(acts).toEqual(['choose_model']);
  });
});
