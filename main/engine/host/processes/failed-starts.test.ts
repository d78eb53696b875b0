import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../preload/wire/errors.ts';
import { createFailedStarts } from './failed-starts.ts';

describe('a model that keeps failing', () => {
  it('is not started again after three failures of its child in a row, until it is asked for explicitly', () => {
    const starts = createFailedStarts();
    const crash = new AppError('engine.crashed', 'It ended.');
    for (const error of [crash, new AppError('busy', 'Later.'), new AppError('disk.full', 'Full.'), crash])
      starts.count('a', error);
    expect(() => starts.check('a')).not.toThrow();
    const last = new AppError('model.corrupt', 'It is damaged.');
    starts.count('a', last);
    expect(() => starts.check('a')).toThrow(last);
    expect(() => starts.check('b')).not.toThrow();
    starts.forget('a');
    expect(() => starts.check('a')).not.toThrow();
  });
});
