import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OutputType } from '../../../preload/contract/convert.ts';
import { mixtureOf } from './mixture.ts';

interface Reference {
  readonly legend: Readonly<Record<string, string>>;
  readonly models: readonly {
    readonly layers: number;
    readonly grouping: number;
    readonly tensors: readonly (readonly [string, ...number[]])[];
    readonly types: Readonly<Record<OutputType, string>>;
  }[];
}

const file = path.join(import.meta.dirname, '../../../test/fixtures/conversion/mixtures.json');
/** What llama-quantize says that it would do, tensor by tensor. */
const reference = JSON.parse(readFileSync(file, 'utf8')) as Reference;

describe.each(reference.models.map((model) => [`${model.layers} layers, ${model.grouping} heads share one`, model]))(
  'the mixtures of a model with %s',
  (_, { layers, grouping, tensors, types }) => {
    it.each(Object.entries(types) as [OutputType, string][])('%s', (output, expected) => {
      const planned = tensors.map(([name, ...shape]) => ({ name, shape, isFloat32: shape.length < 2 }));
      const model = { architecture: 'llama', layers, grouping, experts: 0, isTied: true };
      const found = mixtureOf(planned, output, model).map(({ name }, index) => `${tensors[index]?.[0] ?? ''} ${name}`);
      expect(found).toEqual(
        [...expected].map((sign, index) => `${tensors[index]?.[0] ?? ''} ${reference.legend[sign] ?? ''}`),
      );
    });
  },
);
