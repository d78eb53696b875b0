import { expect, it } from 'vitest';
import { AppError } from '../../preload/wire/errors.ts';
import { createBackground } from './background.ts';

it('work in the background that fails is logged, but not when the app closed under it', async () => {
  const lines: string[] = [];
  const background = createBackground((line) => void lines.push(line));
  const late = Promise.withResolvers<void>();
  background.run(Promise.reject(new AppError('disk.denied', 'The folder cannot be read.')));
  background.run(Promise.resolve());
  background.run(late.promise);
  await Promise.resolve();
  expect(lines).toEqual(['In the background: The folder cannot be read.']);
  expect(background.signal.aborted).toBe(false);
  background.close();
  expect(background.signal.aborted).toBe(true);
  late.reject(new Error('aborted'));
  await Promise.resolve();
  expect(lines).toHaveLength(1);
});
