/**
 * The head of every family of language models, tied or not, with and without weights of its own in the file. What llama.cpp loads was found
 * with the shipped library: without `output.weight` it takes the embeddings, but for the architectures in `needed`, which it does not load.
 */
import { describe, expect, it } from 'vitest';
import { readReference, referenceNames, type Reference } from '../../../test/support/made-checkpoint.ts';
import { isBodyClass } from '../architectures/decoder.ts';
import { findArchitecture } from '../architectures/registry.ts';
import { makePlan, type Plan } from './plan.ts';

const needed: readonly string[] = ['gptneox', 'olmo2', 'qwen2moe', 'stablelm'];
/** Architectures for which llama.cpp always takes the embeddings. */
const neverOwn: readonly string[] = ['gemma', 'gemma2', 'gemma3'];

type Tensors = readonly { readonly name: string; readonly shape: readonly number[] }[];

const references = referenceNames
  .map((name) => ({ name, ...readReference(name) }))
  .filter(({ kind }) => kind === 'causal')
  .map((reference) => ({ ...reference, architecture: String(reference.metadata['general.architecture']?.[1]) }));

const isHead = (name: string): boolean => /^(?:lm_head|embed_out)\.weight$/.test(name);
const embeddingsOf = ({ stored }: Reference): string =>
  stored.find(({ name }) => /(?:embed_tokens|wte|embed_in|word_embeddings)\.weight$/.test(name))?.name ?? '';
const bodyOf = ({ stored }: Reference): Tensors => stored.filter(({ name }) => !isHead(name));
const withHead = (reference: Reference): Tensors => {
  const shape = reference.stored.find(({ name }) => name === embeddingsOf(reference))?.shape ?? [];
  const isNeoX = embeddingsOf(reference).endsWith('embed_in.weight');
  return [...bodyOf(reference), { name: isNeoX ? 'embed_out.weight' : 'lm_head.weight', shape }];
};
const withoutPrefix = (reference: Reference): Tensors => {
  const [prefix = ''] = findArchitecture(reference.config).prefixes;
  return bodyOf(reference).map((tensor) => ({ ...tensor, name: tensor.name.replace(prefix, '') }));
};

function plan({ config, stored: _ }: Reference, tensors: Tensors, values: Readonly<Record<string, unknown>>): Plan {
  const inner = config['text_config'];
  return makePlan({
    config: {
      ...config,
      ...values,
      ...(inner === undefined ? {} : { text_config: { ...(inner as object), ...values } }),
    },
    tensors: tensors.map(({ name, shape }) => ({
      ...{ name, shape, dtype: 'BF16' },
      stored: [{ name, shape, dtype: 'BF16', file: 'model.safetensors', startByte: 0, endByte: 0 }],
    })),
    ...{ generation: null, vocabulary: [], pooling: null, facts: { name: 'model' } },
  });
}

/** What `output.weight` is made of: the name of a tensor of the checkpoint, or null without one. */
function headOf({ tensors }: Plan): string | null {
  const origin = tensors.find(({ name }) => name === 'output.weight')?.origin;
  return origin?.kind === 'rows' ? (origin.pieces[0]?.source ?? null) : null;
}

describe.each(references)('$name', (reference) => {
  const isNeeded = needed.includes(reference.architecture);
  const embeddings = embeddingsOf(reference);
  const prefix = findArchitecture(reference.config).prefixes[0] ?? '';

  it('tied, without a head: the embeddings where llama.cpp needs a head', () => {
    expect(headOf(plan(reference, bodyOf(reference), { tie_word_embeddings: true }))).toBe(
      isNeeded ? embeddings : null,
    );
  });

  it('tied, with a head in the file: the head, where llama.cpp has a place for it', () => {
    const head = headOf(plan(reference, withHead(reference), { tie_word_embeddings: true }));
    if (['gemma', 'gemma2'].includes(reference.architecture)) expect(head).toBeNull();
    else expect(head).toMatch(/^(?:lm_head|embed_out)\.weight$/);
  });

  it('untied: the head of the file, and a refusal without one', () => {
    const untied = { tie_word_embeddings: false };
    if (neverOwn.includes(reference.architecture)) {
      expect(() => plan(reference, withHead(reference), untied)).toThrow('a head with weights of its own');
    } else {
      expect(headOf(plan(reference, withHead(reference), untied))).toMatch(/^(?:lm_head|embed_out)\.weight$/);
      expect(() => plan(reference, bodyOf(reference), untied)).toThrow('is missing');
    }
  });

  it('the body alone: the embeddings where llama.cpp needs a head', () => {
    const body = plan(reference, withoutPrefix(reference), {
      tie_word_embeddings: neverOwn.includes(reference.architecture),
    });
    expect(headOf(body)).toBe(isNeeded ? embeddings.replace(prefix, '') : null);
    const bare = findArchitecture(reference.config).classes.find(isBodyClass);
    if (bare === undefined) return;
    const named = plan(reference, bodyOf(reference), {
      architectures: [bare],
      tie_word_embeddings: neverOwn.includes(reference.architecture),
    });
    expect(headOf(named)).toBe(isNeeded ? embeddings : null);
  });
});

it('every architecture that llama.cpp needs a head for is tried', () => {
  const tried = new Set(references.map(({ architecture }) => architecture));
  expect([...needed, ...neverOwn].filter((name) => !tried.has(name))).toEqual([]);
});
