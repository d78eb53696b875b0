/** Models measured side by side, as a job; the tables are kept in a file each. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Measurement, MeasuredModel } from '../../../preload/contract/convert.ts';
import { modelIdSchema } from '../../../preload/contract/model.ts';
import { AppError, type ErrorBody } from '../../../preload/wire/errors.ts';
import { bytesOfFiles } from '../../base/disk.ts';
import type { ResumeWork, TransferContext, WorkOrder } from '../../base/work.ts';
import { quantizationFromFileName } from '../../model-file/quantization.ts';
import type { Evaluation } from '../../../native/protocol.ts';
import type { Measure } from './measure.ts';
import { pickOf } from './pick.ts';
import { writeWhole } from '../written-file.ts';
import { createJobRun } from '../jobs/job-run.ts';
import type { JobTools, ModelOnDisk } from '../jobs/tools.ts';

export interface Measurements {
  start(input: {
    readonly referenceId: string;
    readonly modelIds: readonly string[];
    readonly text: string | null;
  }): Promise<{ jobId: string; measurementId: string }>;
  list(): Promise<readonly Measurement[]>;
  /** Throws not_found. */
  remove(measurementId: string): Promise<void>;
  readonly resume: ResumeWork;
}

export interface MeasurementsOptions extends Pick<JobTools, 'findModel' | 'threads' | 'run'> {
  readonly measure: Measure;
  /** The folder for the tables. */
  readonly folder: string;
}

const specSchema = z.object({
  measurementId: z.string(),
  referenceId: modelIdSchema,
  modelIds: z.array(modelIdSchema),
  text: z.string().nullable(),
});
type Spec = z.infer<typeof specSchema>;

const numberOrNull = z.number().nullable();
/** A table in its file, which anything may have changed. */
const measurementSchema = z.object({
  id: z.string(),
  at: z.number(),
  models: z.array(
    z.object({
      ...{ modelId: z.string(), name: z.string(), quantization: z.string().nullable(), sizeBytes: z.number() },
      ...{ decodeTokensPerSecond: numberOrNull, promptTokensPerSecond: numberOrNull, perplexity: numberOrNull },
      ...{ perplexityError: numberOrNull, klDivergence: numberOrNull, topAgreement: numberOrNull },
      ...{ isReference: z.boolean(), isPick: z.boolean() },
      error: z
        .object({ code: z.string(), message: z.string(), data: z.record(z.string(), z.unknown()).optional() })
        .nullable(),
    }),
  ),
  tokenCount: z.number(),
  isDefaultText: z.boolean(),
});

/** The oldest tables beyond are deleted. */
const MAX_KEPT = 100;
const isName = (name: string): boolean => /^[0-9a-f-]{36}\.json$/.test(name);

export function createMeasurements(options: MeasurementsOptions): Measurements {
  const { folder } = options;
  const fileOf = (id: string): string => path.join(folder, `${id}.json`);

  async function keep(measurement: Measurement): Promise<void> {
    await mkdir(folder, { recursive: true });
    await writeWhole(fileOf(measurement.id), JSON.stringify(measurement));
    for (const old of (await list()).slice(MAX_KEPT)) await rm(fileOf(old.id), { force: true });
  }

  async function list(): Promise<readonly Measurement[]> {
    const names = (await readdir(folder).catch((): string[] => [])).filter(isName);
    const found = await Promise.all(
      names.map(async (name) => {
        try {
          return [measurementSchema.parse(JSON.parse(await readFile(path.join(folder, name), 'utf8'))) as Measurement];
        } catch {
          return [];
        }
      }),
    );
    return found.flat().sort((a, b) => b.at - a.at);
  }

  function orderOf(spec: Spec): WorkOrder {
    const job = createJobRun();
    const { progress } = job;

    async function work({ signal }: TransferContext): Promise<void> {
      const ids = [spec.referenceId, ...spec.modelIds.filter((id) => id !== spec.referenceId)];
      const models = await Promise.all(ids.map(options.findModel));
      const bytes = models.reduce((sum, { weightsBytes }) => sum + weightsBytes, 0);
      progress.plan([{ phase: 'measuring', bytes }]);
      progress.enter('measuring');
      const rows = await Promise.all(models.map(newRow));
      const request = {
        referencePath: models[0]?.path ?? '',
        modelPaths: models.slice(1).map((model) => model.path),
        ...{ text: spec.text, threads: options.threads(), chunkLimit: null },
      };
      for await (const event of options.measure(request, signal)) {
        const row = rows[event.index];
        if (row === undefined) continue;
        if (event.type === 'measured') row.evaluation = event.evaluation;
        else if (event.type === 'failed') row.error = event.error;
        else {
          const before = models.slice(0, event.index).reduce((sum, { weightsBytes }) => sum + weightsBytes, 0);
          const own = models[event.index];
          const share = event.chunk / Math.max(1, event.chunkCount);
          progress.report({
            doneBytes: before + Math.round((own?.weightsBytes ?? 0) * share),
            ...{ name: own?.name ?? '', index: event.index + 1, count: models.length },
          });
        }
      }
      await keep(tableOf(spec, rows));
      job.detail({ code: 'measured', measurementId: spec.measurementId });
      progress.finish();
    }

    return {
      kind: 'measure',
      lane: 'cores',
      subject: null,
      totalBytes: 0,
      run: (context) => job.run(context, work),
      data: () => spec,
      view: () => job.view(null),
    };
  }

  return {
    async start(input) {
      const ids = [input.referenceId, ...input.modelIds];
      await Promise.all(ids.map(options.findModel));
      const measurementId = randomUUID();
      const spec = { measurementId, ...input, modelIds: [...new Set(input.modelIds)] };
      return { ...options.run(orderOf(spec)), measurementId };
    },
    list,
    async remove(measurementId) {
      if (!(await list()).some(({ id }) => id === measurementId))
        throw new AppError('not_found', 'There is no such measurement.');
      await rm(fileOf(measurementId), { force: true });
    },
    resume: (data) => orderOf(specSchema.parse(data)),
  };
}

interface Row {
  readonly model: ModelOnDisk;
  /** Of the model's files, as every other list has it. */
  readonly sizeBytes: number;
  evaluation: Evaluation | null;
  error: ErrorBody | null;
}

async function newRow(model: ModelOnDisk): Promise<Row> {
  const sizeBytes = await bytesOfFiles(model.shards ?? [model.path]);
  return { model, sizeBytes, evaluation: null, error: null };
}

function tableOf({ measurementId, text }: Spec, rows: readonly Row[]): Measurement {
  const table = rows.map(measured);
  const candidates = table.flatMap((row, index) =>
    index > 0 && row.klDivergence !== null && row.decodeTokensPerSecond !== null
      ? [{ ...row, index, klDivergence: row.klDivergence, decodeTokensPerSecond: row.decodeTokensPerSecond }]
      : [],
  );
  const pick = pickOf(candidates);
  const pickedAt = pick === null ? null : candidates[pick]?.index;
  return {
    id: measurementId,
    at: Date.now(),
    models: table.map((row, index) => ({ ...row, isPick: index === pickedAt })),
    tokenCount: rows[0]?.evaluation?.tokenCount ?? 0,
    isDefaultText: text === null,
  };
}

function measured({ model, sizeBytes, evaluation, error }: Row, index: number): MeasuredModel {
  const { modelId, name, path: file, summary } = model;
  const isReference = index === 0;
  return {
    ...{ modelId, name, sizeBytes, isReference, isPick: false, error },
    quantization: summary?.quantization ?? quantizationFromFileName(file),
    decodeTokensPerSecond: evaluation?.decodeTokensPerSecond ?? null,
    promptTokensPerSecond: evaluation?.promptTokensPerSecond ?? null,
    perplexity: evaluation?.perplexity ?? null,
    perplexityError: evaluation?.perplexityError ?? null,
    klDivergence: isReference && evaluation !== null ? 0 : (evaluation?.klDivergence ?? null),
    topAgreement: isReference && evaluation !== null ? 1 : (evaluation?.topAgreement ?? null),
  };
}
