/** The plan of a GGUF adapter, as llama.cpp loads it beside its base: `NAME.lora_a` and `NAME.lora_b` for each tensor of the base. */
import { shownName } from '../../base/foreign-text.ts';
import { invalidCheckpoint } from '../../model-file/checkpoint-error.ts';
import type { GgufEntry } from '../../model-file/gguf-entry.ts';
import { shownShape } from '../../model-file/safetensors.ts';
import { describeModel } from '../architectures/registry.ts';
import type { CheckpointTensor, StoredTensor } from '../checkpoint/checkpoint-tensor.ts';
import { plainTensor } from '../checkpoint/stored-reader.ts';
import { generalEntries, type ModelFacts } from '../plan/general.ts';
import { sourcesOf, type PlannedTensor, type RowPiece } from '../plan/planned-tensor.ts';
import { planRows } from '../plan/rows.ts';
import { isOfOtherSenses, plainName, sourceNames } from '../plan/tensor-names.ts';
import type { Adapter, Factors } from './adapter.ts';
import { unknownAdapter } from './adapter-config.ts';
import { expectedTensors } from './base-tensors.ts';

export interface AdapterPlan {
  readonly metadata: readonly GgufEntry[];
  readonly tensors: readonly PlannedTensor[];
  /** The sources of `tensors`, and what the values of each are multiplied with. */
  readonly sources: readonly AdapterSource[];
}

export interface AdapterSource {
  readonly tensor: CheckpointTensor;
  readonly stored: StoredTensor;
  /** 1 for most. */
  readonly factor: number;
}

/** What a module's factors become in the file. */
interface Placed {
  readonly factors: Factors;
  /** Of the base's tensor. */
  readonly shape: readonly number[];
}

/**
 * Makes the plan of `adapter` for the base with this config.json.
 * @throws AppError `convert.unsupported` (`reason: 'adapter_kind'`) for whole tensors that the adapter replaces and factors of tensors that
 * llama.cpp does not load; `convert.invalid` for a module that the base does not have, or has in another shape.
 */
export function planAdapter(
  adapter: Adapter,
  baseConfig: Readonly<Record<string, unknown>>,
  facts: ModelFacts,
): AdapterPlan {
  const replaced = [...adapter.replaced.keys()].find((name) => !isOfOtherSenses(name));
  if (replaced !== undefined) throw unknownAdapter(`modules_to_save: ${replaced}`);
  const { architecture, description } = describeModel(baseConfig);
  // A conversion leaves out what only pictures or sounds need, so their factors, too.
  const ofText = [...adapter.factors].filter(([name]) => !isOfOtherSenses(name));
  if (ofText.length === 0) throw unknownAdapter('changes of other parts than the language model');
  if (ofText.some(([, { magnitude }]) => magnitude !== null)) throw unknownAdapter('DoRA');
  const modules = new Map(ofText.map(([name, factors]) => [plainName(name, architecture), factors]));
  const base = expectedTensors(architecture, description, (name) => modules.has(name));
  const shapes = new Map(base.map(({ name, shape }) => [name, shape]));
  const placed = new Map<string, Placed>();
  const heads = sourceNames(architecture, 'output.weight');
  if (heads.some((name) => modules.has(name) && !shapes.has(name))) throw unknownAdapter('a head of its own');
  for (const [name, factors] of modules) placed.set(name, placeFactors(name, factors, shapes.get(name)));

  const used = new Set<string>();
  const sources = new Map<string, AdapterSource>();
  const tensors = planRows(architecture, description, base).tensors.flatMap((tensor) =>
    planTensor(tensor, placed, adapter.config.alpha, used, sources),
  );
  const unused = [...modules.keys()].find((name) => !used.has(name));
  if (unused !== undefined) throw unknownAdapter(`changes of ${unused}`);
  const metadata = adapterEntries(description.name, adapter, facts);
  return { metadata, tensors, sources: [...sources.values()] };
}

function adapterEntries(architecture: string, { config }: Adapter, facts: ModelFacts): readonly GgufEntry[] {
  const general = generalEntries(architecture, facts, null, [])
    .filter(({ key }) => key !== 'general.size_label')
    .map((entry): GgufEntry =>
      entry.key === 'general.type' ? { key: entry.key, type: 'string', value: 'adapter' } : entry,
    );
  const tokens = Uint32Array.from(config.invocationTokens);
  return [
    ...general,
    { key: 'adapter.type', type: 'string', value: 'lora' },
    { key: 'adapter.lora.alpha', type: 'float32', value: config.alpha },
    ...(tokens.length === 0
      ? []
      : [{ key: 'adapter.alora.invocation_tokens', type: 'uint32s', value: tokens } as const]),
  ];
}

/** Checks the factors against the base's tensor. Those of GPT-2's Conv1D, which is stored transposed, are checked when that is planned. */
function placeFactors(name: string, factors: Factors, shape: readonly number[] | undefined): Placed {
  if (shape?.length === 2) return { factors, shape };
  const found = shape === undefined ? 'nothing' : shownShape(shape);
  throw invalidCheckpoint({
    ...{ reason: 'unexpected_tensor', file: factors.b.file, tensor: factors.b.name, expected: 'a matrix', found },
    detail: `The adapter changes ${shownName(name)}, ${shape === undefined ? 'which its base does not have' : `which is ${found} and no matrix`}.`,
  });
}

/** @throws AppError `convert.invalid` where `inputs` and `outputs`, the base's, are not those of the factors. */
export function assertFactors({ a, b, isEmbedding }: Factors, outputs: number, inputs: number): void {
  const [rows, columns] = isEmbedding ? [inputs, outputs] : [outputs, inputs];
  for (const [factor, found, expected] of [
    [b, b.shape[0], rows],
    [a, a.shape[1], columns],
  ] as const)
    if (found !== expected)
      throw invalidCheckpoint({
        ...{ reason: 'shape_mismatch', file: factor.file, tensor: factor.name },
        ...{ expected: expected, found: shownShape(factor.shape) },
        detail: `The factor ${shownName(factor.name)} is ${shownShape(factor.shape)}, and the base has ${String(expected)} where it has ${String(found)}.`,
      });
}

function planTensor(
  tensor: PlannedTensor,
  placed: ReadonlyMap<string, Placed>,
  alpha: number,
  used: Set<string>,
  sources: Map<string, AdapterSource>,
): readonly PlannedTensor[] {
  const { name, shape, origin } = tensor;
  if (origin.kind === 'values') return [];
  const names = [...sourcesOf([tensor])];
  const found = names.flatMap((one) => placed.get(one) ?? []);
  const [first] = found;
  if (first === undefined) return [];
  if (found.length < names.length) throw unknownAdapter(`changes of some of the experts in ${name}`);
  const { rank, isEmbedding } = first.factors;
  if (found.some(({ factors }) => factors.rank !== rank)) throw unknownAdapter(`several ranks in ${name}`);
  if (isEmbedding !== (name === 'token_embd.weight')) throw unknownAdapter(`factors of this kind for ${name}`);
  for (const one of names) used.add(one);
  for (const { factors, shape: base } of found) {
    const [outputs = 0, inputs = 0] = origin.kind === 'transposed' ? base.toReversed() : base;
    assertFactors(factors, outputs, inputs);
    addSource(sources, factors.a, 1);
    // llama.cpp scales by alpha / rank, with one alpha for the whole file; a module with another scale has it in its factor.
    addSource(sources, factors.b, (factors.scale * rank) / alpha);
  }
  const outer = shape.slice(2);
  const whole = ({ name: source, shape: [rowCount = 0] }: StoredTensor): RowPiece => ({
    ...{ source, firstRow: 0, rowCount, interleave: null },
  });
  const a = isEmbedding
    ? ({ kind: 'transposed', source: first.factors.a.name, blocks: 1 } as const)
    : ({ kind: 'rows', pieces: found.map(({ factors }) => whole(factors.a)), add: 0 } as const);
  const piecesOfB =
    isEmbedding || origin.kind === 'transposed'
      ? found.map(({ factors }) => whole(factors.b))
      : origin.pieces.map((piece) => ({ ...piece, source: placed.get(piece.source)?.factors.b.name ?? '' }));
  const [inputs = 0, outputs = 0] = shape;
  return [
    {
      name: `${name}.lora_a`,
      shape: isEmbedding ? [rank, outputs] : [inputs, rank, ...outer],
      isFloat32: false,
      origin: a,
    },
    {
      name: `${name}.lora_b`,
      shape: [rank, isEmbedding ? inputs : outputs, ...outer],
      isFloat32: false,
      origin: { kind: 'rows', pieces: piecesOfB, add: 0 },
    },
  ];
}

function addSource(sources: Map<string, AdapterSource>, stored: StoredTensor, factor: number): void {
  const plain = plainTensor(stored);
  // Two stored tensors: no reader may take the bytes of the one that is there.
  const tensor = factor === 1 ? plain : { ...plain, dtype: 'F32' as const, stored: [stored, stored] };
  sources.set(stored.name, { tensor, stored, factor });
}
