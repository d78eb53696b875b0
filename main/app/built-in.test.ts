import { expect, it } from 'vitest';
import { defaultSampling } from '../../preload/contract/defaults.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { builtInModel, preload, samplingFor, shippedSampling } from './built-in.ts';

it('is greedy until somebody chooses otherwise', () => {
  expect(samplingFor(builtInModel.id, defaultSampling)).toEqual({ ...defaultSampling, temperature: 0 });
  expect(samplingFor('o/n/x.gguf', defaultSampling)).toEqual(defaultSampling);
  const chosen = { ...defaultSampling, topK: 7 };
  expect(samplingFor(builtInModel.id, chosen)).toEqual(chosen);
  expect(shippedSampling(builtInModel.id, defaultSampling)).toEqual({ temperature: 0 });
  expect(shippedSampling('o/n/x.gguf', defaultSampling)).toBeNull();
});

it('is loaded at the start unless other models are; one that cannot be is passed over, the end of Hearth is the end', async () => {
  const [loaded, lines]: [string[], string[]] = [[], []];
  const load = async (modelId: string, ifRoom: boolean): Promise<void> => {
    if (modelId === 'broken') throw new AppError('model.corrupt', 'It is cut short.');
    if (modelId === 'closing') throw new AppError('cancelled', 'Hearth is closing.');
    loaded.push(`${modelId} ${ifRoom}`);
  };
  const log = (line: string): void => void lines.push(line);
  await preload([], load, log);
  await preload(['a', 'broken', 'b', 'closing', 'c'], load, log);
  expect(loaded).toEqual([`${builtInModel.id} false`, 'a true', 'b true']);
  expect(lines).toEqual(['broken was not loaded at the start: It is cut short.']);
});
