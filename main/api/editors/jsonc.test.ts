import { expect, it } from 'vitest';
import { editJsonc, readJsonc } from './jsonc.ts';

it('refuses settings that are nested deeper than they can be edited, and edits those that are not', async () => {
  const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  await expect(readJsonc(nested(500))).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(readJsonc(nested(500_000))).rejects.toMatchObject({ code: 'invalid_input' });
  await readJsonc(nested(90));
  expect(await editJsonc(nested(90), [{ path: ['b'], value: 1 }])).toContain('"b": 1');
});
