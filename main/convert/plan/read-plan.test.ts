import { expect, it } from 'vitest';
import { memorySource } from '../../../test/support/memory-source.ts';
import { isDescription, readConfig } from './read-plan.ts';

const json = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

it.each([
  // What AutoGPTQ 0.4 and AutoAWQ 0.1 write.
  ['quantize_config.json', 'gptq', { bits: 4, group_size: 128, damp_percent: 0.01, desc_act: false, sym: true }],
  ['quant_config.json', 'awq', { zero_point: true, q_group_size: 128, w_bit: 4, version: 'GEMM' }],
])('%s tells how older weights are quantized, where config.json does not', async (file, quant_method, fields) => {
  expect(isDescription(file)).toBe(true);
  const older = memorySource({ 'config.json': json({ hidden_size: 8 }), [file]: json(fields) });
  expect(await readConfig(older)).toEqual({ hidden_size: 8, quantization_config: { quant_method, ...fields } });
  const own = { quantization_config: { quant_method: 'fp8' } };
  expect(await readConfig(memorySource({ 'config.json': json(own), [file]: json(fields) }))).toEqual(own);
});
