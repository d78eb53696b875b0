import { describe, expect, it } from 'vitest';
import { memorySource } from '../../../test/support/memory-source.ts';
import { tokenizerFilesOf } from './tokenizer-of-adapter.ts';

const base = {
  'tokenizer.json': '{"base":1}',
  'tokenizer_config.json': '{"eos_token":"</s>","chat_template":"old"}',
  'generation_config.json': '{"eos_token_id":2}',
};

async function filesWith(
  adapter: Readonly<Record<string, string>>,
  hasOtherTokens: boolean,
  ofBase: Readonly<Record<string, string>> = base,
): Promise<Readonly<Record<string, string>> | null> {
  const [one, other] = [ofBase, adapter].map((files) =>
    memorySource(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]))),
  ) as [ReturnType<typeof memorySource>, ReturnType<typeof memorySource>];
  const files = await tokenizerFilesOf({ base: one, adapter: other }, hasOtherTokens);
  return files && Object.fromEntries([...files].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]));
}

describe('the tokenizer of a merged model', () => {
  it('is that of the base where the adapter has none, or no other tokens and no template', async () => {
    expect(await filesWith({}, false)).toBeNull();
    expect(await filesWith({ 'tokenizer.json': '{"own":1}', 'tokenizer_config.json': '{}' }, false)).toBeNull();
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['tokenizer_config.json', { 'tokenizer_config.json': '{"chat_template":"new"}', 'tokenizer.json': '{"own":1}' }],
    ['chat_template.jinja', { 'chat_template.jinja': 'new' }],
  ])('has the chat template that the adapter has in %s', async (_, adapter) => {
    expect(await filesWith(adapter, false)).toEqual({
      ...base,
      'tokenizer_config.json': '{"eos_token":"</s>","chat_template":"new"}',
    });
    const { 'tokenizer_config.json': _config, ...others } = base;
    expect(await filesWith(adapter, false, others)).toEqual({ ...others, 'chat_template.jinja': 'new' });
  });

  it('is that of an adapter with other tokens, which has to be there', async () => {
    const own = { 'tokenizer.json': '{"own":1}', 'chat_template.jinja': 'new' };
    expect(await filesWith(own, true)).toEqual({ ...own, 'generation_config.json': base['generation_config.json'] });
    await expect(filesWith({ 'tokenizer_config.json': '{}' }, true)).rejects.toMatchObject({
      code: 'convert.invalid',
      data: { reason: 'vocabulary', file: 'tokenizer.json' },
    });
  });
});
