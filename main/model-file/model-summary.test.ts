import { describe, expect, it } from 'vitest';
import type { GgufHeader, GgufTensor, GgufValue } from './gguf.ts';
import { readKeptAuxiliary, readKeptSummary, summarizeModel, summarizeAuxiliary } from './model-summary.ts';
import { weightsReadPerToken } from './speed.ts';

/** A header with these keys of `architecture` and tensors of 100 bytes. */
function header(
  architecture: string,
  keys: Record<string, GgufValue>,
  tensorNames: readonly string[],
  general: Record<string, GgufValue> = {},
): GgufHeader {
  const tensors = tensorNames.map((name): GgufTensor => {
    return { name, shape: [25], type: 'F32', offsetBytes: 0, sizeBytes: 100 };
  });
  return {
    version: 3,
    metadata: new Map<string, GgufValue>([
      ['general.architecture', architecture],
      ...Object.entries(keys).map(([key, value]) => [`${architecture}.${key}`, value] as const),
      ...Object.entries(general),
    ]),
    tensors,
    alignment: 32,
    dataOffsetBytes: 0,
    tensorBytes: tensors.length * 100,
    parameterCount: tensors.length * 25,
    notes: [],
  };
}
const blocks = (count: number, parts: (layer: number) => readonly string[]): string[] =>
  Array.from({ length: count }, (_, layer) => parts(layer).map((part) => `blk.${String(layer)}.${part}`)).flat();
const attention = ['attn_q.weight', 'attn_k.weight', 'attn_v.weight', 'ffn_up.weight'];
const heads = { embedding_length: 512, 'attention.head_count': 8, 'attention.head_count_kv': 2, context_length: 4096 };

describe('summarizeModel', () => {
  it('takes a context length of 0, or of more than llama.cpp counts, for none', () => {
    const of = (context_length: number): number | null | undefined =>
      summarizeModel(
        header(
          'llama',
          { ...heads, block_count: 1, context_length },
          blocks(1, () => attention),
        ),
      )?.contextLength;
    expect([0, 1, 4096, 2_147_483_647, 4_294_967_295].map((tokens) => of(tokens))).toEqual([
      null,
      1,
      4096,
      2_147_483_647,
      null,
    ]);
  });

  it('knows the experts that a token does not pass, and counts shared ones as passed', () => {
    const parts = [
      ...attention,
      'ffn_gate_exps.weight',
      'ffn_up_exps.weight',
      'ffn_gate_shexp.weight',
      'ffn_gate_inp.weight',
    ];
    const of = (experts: Record<string, GgufValue>): (number | undefined)[] =>
      summarizeModel(
        header(
          'qwen3moe',
          { ...heads, block_count: 2, ...experts },
          blocks(2, (layer) => (layer === 0 ? attention : parts)),
        ),
      ).layers.map(({ idleBytes }) => idleBytes);
    // 200 bytes of experts in the second layer, of which 2 of 8 are passed.
    expect(of({ expert_count: 8, expert_used_count: 2 })).toEqual([undefined, 150]);
    expect(of({ expert_count: 8 })).toEqual([undefined, undefined]);
    expect(of({})).toEqual([undefined, undefined]);
  });

  it('knows the layers that see only a window', () => {
    const of = (architecture: string, keys: Record<string, GgufValue> = {}): (number | null)[] => {
      const all = { ...heads, block_count: 6, 'attention.sliding_window': 512, ...keys };
      return summarizeModel(
        header(
          architecture,
          all,
          blocks(6, () => attention),
        ),
      ).layers.map(({ windowTokens }) => windowTokens);
    };
    expect(of('gemma3')).toEqual([512, 512, 512, 512, 512, null]);
    expect(of('gemma2')).toEqual([512, null, 512, null, 512, null]);
    expect(of('gemma3n', { 'attention.sliding_window_pattern': [true, false, false, true, true, false] })).toEqual([
      512,
      null,
      null,
      512,
      512,
      null,
    ]);
    expect(of('other', { 'attention.sliding_window_pattern': 3 })).toEqual([512, 512, null, 512, 512, null]);
    // An architecture that is not known counts as seeing everything, and so does one whose window is 0.
    expect(of('llama')).toEqual([null, null, null, null, null, null]);
    expect(of('gemma3', { 'attention.sliding_window': 0 })).toEqual([null, null, null, null, null, null]);
  });

  it('gives recurrent layers a state and no cache', () => {
    const ssm = { 'ssm.inner_size': 1024, 'ssm.state_size': 16, 'ssm.conv_kernel': 4 };
    const mamba = summarizeModel(
      header(
        'mamba',
        { ...heads, ...ssm, block_count: 2 },
        blocks(2, () => ['ssm_in.weight', 'ssm_out.weight']),
      ),
    );
    const state = (3 * 1024 + 16 * 1024) * 4;
    expect(mamba.layers).toEqual(
      [0, 1].map(() => ({
        weightsBytes: 200,
        keyElements: 0,
        valueElements: 0,
        windowTokens: null,
        stateBytes: state,
      })),
    );
    const hybrid = summarizeModel(
      header(
        'jamba',
        { ...heads, ...ssm, block_count: 4, 'attention.head_count_kv': [0, 0, 2, 0] },
        blocks(4, (layer) => (layer === 2 ? attention : ['ssm_in.weight'])),
      ),
    );
    expect(hybrid.layers.map((layer) => [layer.keyElements, layer.stateBytes])).toEqual([
      [0, state],
      [0, state],
      [128, 0],
      [0, state],
    ]);
    const both = summarizeModel(
      header(
        'falcon-h1',
        { ...heads, ...ssm, block_count: 1 },
        blocks(1, () => [...attention, 'ssm_in.weight']),
      ),
    );
    expect(both.layers[0]).toMatchObject({ keyElements: 128, stateBytes: state });
  });

  it('counts one row for latent attention, none for layers that share or predict', () => {
    const latent = { ...heads, block_count: 1, 'attention.head_count_kv': 1, 'attention.key_length': 576 };
    const keys = { ...latent, 'attention.value_length': 512, 'attention.key_length_mla': 192 };
    const mla = summarizeModel(
      header(
        'deepseek2',
        keys,
        blocks(1, () => ['attn_kv_a_mqa.weight']),
      ),
    );
    expect(mla.layers[0]).toMatchObject({ keyElements: 576, valueElements: 0 });
    for (const key of ['attention.shared_kv_layers', 'nextn_predict_layers']) {
      const shared = summarizeModel(
        header(
          'x',
          { ...heads, block_count: 3, [key]: 1 },
          blocks(3, () => attention),
        ),
      );
      expect(shared.layers.map((layer) => layer.keyElements)).toEqual([128, 128, 0]);
    }
  });

  it('counts tables of which a token needs one row as inputs, and no prediction layer as read', () => {
    // The tables of Gemma 3n and 4, whose values per layer are two fifths of the file, and of GPT-2 and BERT.
    const names = ['token_embd.weight', 'per_layer_token_embd.weight', 'position_embd.weight', 'token_types.weight'];
    const tensors = [...names, ...blocks(3, () => attention), 'output_norm.weight'];
    const summary = summarizeModel(
      header('gemma4', { ...heads, block_count: 3, nextn_predict_layers: 1, embedding_length: 512 }, tensors),
    );
    expect(summary).toMatchObject({ inputBytes: 400, outputBytes: 100, outputCopyBytes: 100 });
    expect(summary.layers.map(({ idleBytes }) => idleBytes ?? 0)).toEqual([0, 0, 400]);
    // Two layers, the norm, and the token embeddings in the place of an output layer.
    expect(weightsReadPerToken(summary)).toBe(2 * 400 + 100 + 100);
    const encoder = { ...heads, block_count: 1, 'attention.causal': false };
    const bert = summarizeModel(header('bert', encoder, [...names, ...blocks(1, () => attention)]));
    expect(bert.outputCopyBytes).toBe(0);
  });

  it('adds up the shards of a model, also where the first holds no tensors', () => {
    const first = header('llama', { ...heads, block_count: 2 }, []);
    const rest = header('llama', {}, ['token_embd.weight', ...blocks(2, () => attention), 'output_norm.weight']);
    const summary = summarizeModel(first, [rest]);
    expect(summary).toMatchObject({ weightsBytes: 1000, parameterCount: 250, inputBytes: 100, outputBytes: 100 });
    expect(summary.outputCopyBytes).toBe(100);
    expect(summary.layers.map((layer) => layer.weightsBytes)).toEqual([400, 400]);
    expect(() => summarizeModel(first)).toThrow(/no layers/);
  });

  it('takes sizes that make no sense as if they were not there', () => {
    const odd = { block_count: 1, embedding_length: -4, 'attention.head_count': 1.5, context_length: NaN };
    const summary = summarizeModel(
      header(
        'llama',
        odd,
        blocks(1, () => attention),
      ),
    );
    expect(summary).toMatchObject({ embeddingLength: null, headCount: null, contextLength: null });
    expect(summary.layers[0]).toMatchObject({ keyElements: 0, valueElements: 0 });
    expect(() => summarizeModel(header('llama', { block_count: 1e9 }, ['x']))).toThrow(/no layers/);
  });
});

describe('readKeptSummary', () => {
  it('gives back what was kept, and nothing of an older format', () => {
    const summary = summarizeModel(
      header(
        'llama',
        { ...heads, block_count: 1 },
        blocks(1, () => attention),
      ),
    );
    expect(readKeptSummary(JSON.parse(JSON.stringify(summary)))).toEqual(summary);
    for (const old of [null, 'x', { architecture: 'llama', layerCount: 3 }, { ...summary, format: 1 }]) {
      expect(readKeptSummary(old)).toBeUndefined();
    }
  });
});

describe('summarizeAuxiliary', () => {
  it('knows adapters and projectors by their headers, and leaves models alone', () => {
    const lora = header('qwen3', {}, ['a', 'b'], { 'general.type': 'adapter', 'general.file_type': 1 });
    expect(summarizeAuxiliary(lora)).toEqual({
      kind: 'adapter',
      architecture: 'qwen3',
      quantization: 'F16',
      license: null,
      parameterCount: 50,
    });
    expect(summarizeAuxiliary(header('clip', {}, ['v']))?.kind).toBe('projector');
    expect(summarizeAuxiliary(header('llama', heads, ['v'], { 'general.type': 'model' }))).toBeNull();
    expect(() => summarizeModel(lora)).toThrow(expect.objectContaining({ code: 'model.unsupported' }));
    // What is kept of one is never taken for the other.
    const kept: unknown = JSON.parse(JSON.stringify(summarizeAuxiliary(lora)));
    expect([readKeptSummary(kept), readKeptAuxiliary(kept)]).toEqual([undefined, summarizeAuxiliary(lora)]);
  });

  it('reads what an earlier version kept', () => {
    const facts = { architecture: 'clip', quantization: null, parameterCount: 1 };
    expect(readKeptAuxiliary({ ...facts, part: 'projector', licence: 'mit' })).toEqual({
      ...facts,
      kind: 'projector',
      license: 'mit',
    });
    const summary = summarizeModel(header('llama', { block_count: 1 }, ['blk.0.attn_q.weight']));
    const { license, ...rest } = summary;
    expect(readKeptSummary({ ...rest, licence: license })).toEqual(summary);
  });
});
