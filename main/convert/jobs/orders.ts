/** Starts conversions and quantizations as jobs, each once, and makes those of earlier processes again. */
import { createHash } from 'node:crypto';
import type { InputOf, OutputOf } from '../../../preload/wire/rpc.ts';
import type { convertRoutes, ModelOutputs } from '../../../preload/contract/convert.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { ResumeWork } from '../../base/work.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import type { GgufHeader } from '../../model-file/gguf.ts';
import { summaryLike } from '../../model-file/fit-of.ts';
import { describeOutputs, needsImatrix, NOT_MADE } from '../check/outputs.ts';
import { shardPaths } from '../../model-file/shards.ts';
import { basisOfModel, isQuantizedModel, wholeHeader } from '../check/model-basis.ts';
import { openFittingAdapter } from '../sideways/adapter-check.ts';
import { adapterSpecOf } from '../sideways/adapter-files.ts';
import type { SourceAddress } from '../sources/open-checkpoint.ts';
import { assertPatternsMatch } from '../quantize/matched-patterns.ts';
import { createConversion } from './conversion-job.ts';
import { conversionSpecSchema, type ConversionSpec } from './conversion-spec.ts';
import { createImatrixOrder, imatrixSpecSchema, type ImatrixSpec } from './imatrix-job.ts';
import { placeOfFolder, placeOfModel, placeOfRepository } from '../outputs/output-place.ts';
import {
  createQuantization,
  imatrixOf,
  quantizeSettings,
  quantizeSpecSchema,
  type QuantizeSpec,
} from './quantize-job.ts';
import type { JobTools, ModelOnDisk } from './tools.ts';
import type { UnderWay } from './under-way.ts';

type Routes = typeof convertRoutes;
type Input<R extends keyof Routes> = InputOf<Routes, R>;
type Answer<R extends keyof Routes> = Promise<OutputOf<Routes, R>>;

export interface Orders {
  start(
    address: SourceAddress,
    input: Pick<Input<'convert.start'>, 'type' | 'keepSource' | 'quantize'>,
    signal: AbortSignal,
    /** An adapter that is merged into the checkpoint; null for none. */
    adapterAddress: SourceAddress | null,
  ): Answer<'convert.start'>;
  quantize(input: Input<'convert.quantize'>): Answer<'convert.quantize'>;
  predictSize(input: Input<'convert.predictSize'>, signal: AbortSignal): Answer<'convert.predictSize'>;
  outputs(input: Input<'convert.outputs'>): Promise<ModelOutputs>;
  imatrix(input: Input<'convert.imatrix'>): Answer<'convert.imatrix'>;
  readonly resumers: Readonly<Record<'convert' | 'quantize' | 'imatrix', ResumeWork>>;
}

export function createOrders(tools: JobTools & { readonly underWay: UnderWay }): Orders {
  const { underWay } = tools;

  async function start(
    ...[address, input, signal, adapterAddress]: Parameters<Orders['start']>
  ): Answer<'convert.start'> {
    const { checkpoint, facts } = await tools.checks.open(address, signal);
    try {
      const [refusal] = facts.refusals;
      if (refusal !== undefined) throw new AppError(refusal.code, refusal.message, refusal.data);
      assertImatrix(input.type, input.quantize?.imatrix.kind ?? 'none');
      if (input.quantize !== null) assertPatternsMatch(input.quantize, facts.basis?.tensors ?? []);
      const needed = new Set(facts.neededFiles);
      const remote = (checkpoint.remote ?? []).filter((file) => needed.has(file.path));
      const files = remote.toSorted((a, b) => a.sizeBytes - b.sizeBytes || (a.path < b.path ? -1 : 1));
      const { repoId, commit, folder } = checkpoint;
      const opened =
        adapterAddress === null
          ? null
          : await openFittingAdapter(tools.hub, adapterAddress, checkpoint.source, 'merged', signal);
      await opened?.source.close();
      const adapter = opened === null ? null : adapterSpecOf(opened);
      const { name } = opened ?? checkpoint;
      const isHub = address.kind === 'hub' && repoId !== null && commit !== null && checkpoint.remote !== null;
      const source: ConversionSpec['source'] = isHub
        ? { kind: 'hub', repoId, revision: address.revision, commit }
        : { kind: 'folder', path: folder ?? '' };
      const named = opened ?? checkpoint;
      const place = named.repoId === null ? placeOfFolder(name) : placeOfRepository(named.repoId);
      const { type, keepSource, quantize } = input;
      const known = { source, name, adapter, type, keepSource, quantize, files, finished: [] };
      return await underWay.start(keyOf(known), async () => {
        const output = await tools.outputs.reserve(place, type);
        return createConversion({ ...known, workId: tools.workspaces.newId(), output }, tools);
      });
    } finally {
      await checkpoint.source.close();
    }
  }

  async function quantize({ modelId, type, options }: Input<'convert.quantize'>): Answer<'convert.quantize'> {
    const model = await tools.findModel(modelId);
    assertImatrix(type, options.imatrix.kind);
    const header = await readWhole(model.path);
    assertRequantize(header, options.allowRequantize);
    assertPatternsMatch(options, header.tensors);
    return await underWay.start(quantizeKey({ modelId, type, options }), async () => {
      const output = await tools.outputs.reserve(placeOfModel(modelId), type);
      return createQuantization(
        { workId: tools.workspaces.newId(), modelId, name: model.name, type, options, output },
        tools,
      );
    });
  }

  const readWhole = async (first: string): Promise<GgufHeader> =>
    wholeHeader(await Promise.all(shardPaths(first).map(tools.readHeader)));

  return {
    start,
    quantize,
    async predictSize({ modelId, type, options }, signal) {
      const model = await tools.findModel(modelId);
      if (options.tensorTypes.length > 0) assertPatternsMatch(options, (await readWhole(model.path)).tensors);
      const settings = quantizeSettings(model.path, type, options, await imatrixOf(options, tools), tools.threads());
      const { sizeBytes } = await tools.quantizer.plan(settings, signal);
      return { sizeBytes, fit: fitOfSize(model, sizeBytes) };
    },
    async outputs({ modelId }) {
      const model = await tools.findModel(modelId);
      const header = await readWhole(model.path);
      const source = { type: model.summary?.quantization ?? null, sizeBytes: model.weightsBytes };
      return {
        isQuantized: isQuantizedModel(header),
        layerCount: model.summary?.layers.length ?? null,
        outputs: await describeOutputs(basisOfModel(header), tools.fitOf, source),
      };
    },
    async imatrix({ modelId, text }) {
      const { name } = await tools.findModel(modelId);
      return await underWay.start(imatrixKey({ modelId, text }), async () => {
        const output = await tools.outputs.reserve(placeOfModel(modelId), 'imatrix');
        return createImatrixOrder({ workId: tools.workspaces.newId(), modelId, name, text, output }, tools);
      });
    },
    resumers: {
      imatrix(data) {
        const spec = imatrixSpecSchema.parse(data);
        return underWay.hold(imatrixKey(spec), createImatrixOrder(spec, tools));
      },
      convert(data) {
        const spec = conversionSpecSchema.parse(data);
        return underWay.hold(keyOf(spec), createConversion(spec, tools));
      },
      quantize(data) {
        const spec = quantizeSpecSchema.parse(data);
        return underWay.hold(quantizeKey(spec), createQuantization(spec, tools));
      },
    },
  };

  function fitOfSize({ summary }: ModelOnDisk, sizeBytes: number): Fit {
    return tools.fitOf({ modelId: NOT_MADE, sizeBytes, summary: summary ? summaryLike(summary, sizeBytes) : null });
  }
}

/** @throws AppError `convert.unsupported` (`requantize`). */
function assertRequantize(header: GgufHeader, isAllowed: boolean): void {
  if (isAllowed || !isQuantizedModel(header)) return;
  const detail =
    'The tensors of this model are quantized already. Quantizing them again loses more than quantizing once.';
  throw new AppError('convert.unsupported', detail, { reason: 'requantize', detail });
}

const quantizeKey = ({ modelId, type, options }: Pick<QuantizeSpec, 'modelId' | 'type' | 'options'>): string =>
  JSON.stringify(['quantize', modelId, type, options]);

const imatrixKey = ({ modelId, text }: Pick<ImatrixSpec, 'modelId' | 'text'>): string =>
  JSON.stringify(['imatrix', modelId, text === null ? null : createHash('sha256').update(text).digest('hex')]);

const keyOf = ({
  source,
  adapter,
  type,
  quantize,
}: Pick<ConversionSpec, 'source' | 'adapter' | 'type' | 'quantize'>): string => {
  const placeOf = (
    one:
      | { readonly kind: 'hub'; readonly repoId: string; readonly commit: string }
      | { readonly kind: 'folder'; readonly path: string },
  ) => (one.kind === 'hub' ? [one.repoId, one.commit] : one.path);
  return JSON.stringify(['convert', placeOf(source), adapter ? placeOf(adapter.source) : null, type, quantize]);
};

/** Some types are of no use without an importance matrix, and llama.cpp refuses them. */
function assertImatrix(type: ConversionSpec['type'], imatrix: 'none' | 'file' | 'text'): void {
  if (!needsImatrix(type) || imatrix !== 'none') return;
  const detail = `${type} needs an importance matrix.`;
  throw new AppError('convert.unsupported', detail, { reason: 'imatrix_needed', found: type, detail });
}
