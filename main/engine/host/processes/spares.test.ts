import { expect, it } from 'vitest';
import { AppError } from '../../../../preload/wire/errors.ts';
import type { EngineProcess } from './engine-process.ts';
import { createSpares } from './spares.ts';

it('a spare child that has died is taken for no load, and neither is one of another backend', () => {
  const started: { backend: string; death: AppError | undefined }[] = [];
  const spares = createSpares((backend) => {
    const child = { backend, death: undefined, kill: async () => {} };
    started.push(child);
    return child as unknown as EngineProcess;
  }, true);
  spares.prepare('cpu');
  expect(spares.take('vulkan')).toBe(started[1]);
  expect(spares.take('cpu')).toBe(started[0]);
  spares.prepare('cpu');
  const dead = started[2];
  if (dead) dead.death = new AppError('engine.crashed', 'The engine stopped unexpectedly.');
  expect(spares.take('cpu')).toBe(started[3]);
  // The dead one is replaced, and its successor is taken.
  spares.prepare('cpu');
  expect(spares.take('cpu')).toBe(started[4]);
  expect(started.length).toBe(5);
});

it('closing ends the spare child, and no other is started for it', async () => {
  const started: { ends: number }[] = [];
  const spares = createSpares(() => {
    const child = { death: undefined, ends: 0, kill: async () => void child.ends++ };
    started.push(child);
    return child as unknown as EngineProcess;
  }, true);
  spares.prepare('cpu');
  spares.prepare('vulkan');
  await spares.close();
  expect(started.map(({ ends }) => ends)).toEqual([1, 1]);
  spares.prepare('cpu');
  expect(started.length).toBe(2);
});
