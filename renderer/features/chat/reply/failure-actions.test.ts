import { describe, expect, it } from 'vitest';
import { errorCodes, type ErrorData } from '../../../../preload/wire/errors.ts';
import { failureActions, largerContext } from './failure-actions.ts';

const here = {
  canContinue: false,
  othersLoaded: false,
  modelIsHere: true,
  isFirst: false,
  canGrow: true,
  fromHub: true,
};

describe('failureActions', () => {
  it('has an action for every code', () => {
    for (const code of errorCodes) expect(failureActions({ code, message: '' }, here).length, code).toBeGreaterThan(0);
  });

  it('offers first the action that fixes it', () => {
    const first = (code: (typeof errorCodes)[number], place = here): string | undefined =>
      failureActions({ code, message: '' }, place)[0];
    expect(first('engine.crashed')).toBe('retry');
    expect(first('engine.crashed', { ...here, canContinue: true })).toBe('continue');
    expect(first('template.invalid')).toBe('plain_form');
    expect(first('model.corrupt')).toBe('download_again');
    expect(first('model.corrupt', { ...here, fromHub: false })).toBe('choose_model');
    expect(first('engine.out_of_memory')).toBe('load_settings');
    expect(first('engine.out_of_memory', { ...here, othersLoaded: true })).toBe('free_memory');
  });

  it('offers to leave out messages only where that was not done and can help', () => {
    const actions = (data: ErrorData, isFirst = false): readonly string[] =>
      failureActions({ code: 'engine.context_full', message: '', data }, { ...here, isFirst });
    expect(actions({ policy: 'stop' })).toEqual(['roll', 'load_settings', 'new_chat']);
    // Rolling was not enough, or there is nothing to leave out: only the message can become shorter.
    const own = ['edit_message', 'load_settings', 'choose_model'];
    expect(actions({ neededTokens: 9000, contextSize: 512 })).toEqual(own);
    expect(actions({ reason: 'message_too_long', neededTokens: 9000, contextSize: 512 })).toEqual(own);
    expect(actions({ policy: 'stop' }, true)).toEqual(own);
  });

  it('offers a larger context only where the model and the memory allow it', () => {
    const actions = (data: ErrorData, isFirst: boolean): readonly string[] =>
      failureActions({ code: 'engine.context_full', message: '', data }, { ...here, canGrow: false, isFirst });
    // A first message of 27 kB to a model that was trained for 1,024 tokens.
    expect(actions({ reason: 'message_too_long', neededTokens: 9011, contextSize: 1024 }, true)).toEqual([
      'edit_message',
      'choose_model',
    ]);
    expect(actions({ policy: 'stop' }, false)).toEqual(['roll', 'new_chat']);
  });

  it('counts the larger context with room for the reply, as far as the model was trained', () => {
    const larger = (neededTokens: number, trained: number | null): number | null =>
      largerContext({ code: 'engine.context_full', message: '', data: { neededTokens } }, trained);
    expect(larger(9011, 1024)).toBeNull();
    expect(larger(9011, null)).toBeNull();
    expect(larger(9011, 9011)).toBeNull();
    // 512 tokens are kept for the reply from 4,096 on, else an eighth: 700 of 800.
    expect(larger(9011, 32_768)).toBe(9523);
    expect(larger(700, 32_768)).toBe(800);
    expect(larger(9011, 9100)).toBe(9100);
    expect(largerContext({ code: 'engine.context_full', message: '' }, 32_768)).toBeNull();
  });

  it('offers no settings of a deleted model', () => {
    const actions = failureActions(
      { code: 'engine.out_of_memory', message: '' },
      { canContinue: false, othersLoaded: false, modelIsHere: false, isFirst: false, canGrow: false, fromHub: false },
    );
    expect(actions).toEqual(['choose_model']);
  });
});
