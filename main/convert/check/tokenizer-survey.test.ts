import path from 'node:path';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openLocalSource } from '../checkpoint/local-source.ts';
import { surveyTokenizer } from './tokenizer-survey.ts';

it('counts the tokens of a tokenizer, without rows of the table that have none', async () => {
  const folder = path.join(import.meta.dirname, '../../../test/fixtures/conversion/qwen3');
  const config = JSON.parse(readFileSync(path.join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
  const source = await openLocalSource(folder);
  try {
    expect(await surveyTokenizer(source, 'qwen3', config)).toMatchObject({ size: 704, tokenCount: 687 });
  } finally {
    await source.close();
  }
});
