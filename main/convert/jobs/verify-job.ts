/** Tries a model on this computer, as a job: against the tokenizer of its checkpoint, where that can be had. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { modelIdSchema } from '../../../preload/contract/model.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { bytesOfFiles } from '../../base/disk.ts';
import type { ResumeWork, TransferContext, WorkOrder } from '../../base/work.ts';
import type { GgufHeader } from '../../model-file/gguf.ts';
import type { SourceAddress } from '../sources/open-checkpoint.ts';
import type { TokenizerOrigins } from '../sources/tokenizer-origins.ts';
import { withTokenizerJson } from '../vocabulary/older-files.ts';
import { createJobRun } from './job-run.ts';
import { hashesOf, noteVerification, writeRecord } from '../outputs/records.ts';
import type { JobTools } from './tools.ts';

export interface Verifications {
  /** Tries a model against the tokenizer at `address`; null: that of its record, where it has one. Throws model.*. */
  start(modelId: string, address: SourceAddress | null): Promise<{ jobId: string }>;
  readonly resume: ResumeWork;
}

type VerificationTools = Pick<
  JobTools,
  'verifyFile' | 'readHeader' | 'findModel' | 'outputs' | 'workspaces' | 'run'
> & {
  readonly origins: TokenizerOrigins;
};

const specSchema = z.object({
  workId: z.string(),
  modelId: modelIdSchema,
  address: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('hub'), repoId: z.string(), revision: z.string() }),
      z.object({ kind: z.literal('folder'), path: z.string() }),
    ])
    .nullable(),
});
type Spec = z.infer<typeof specSchema>;

export function createVerifications(tools: VerificationTools): Verifications {
  const { outputs, workspaces } = tools;

  /** Puts the tokenizer of the checkpoint into the job's folder; null where nothing is known of it, or it cannot be had now. */
  async function originalOf(spec: Spec, signal: AbortSignal): Promise<string | null> {
    const { sourceRepoId: repoId, sourceRevision: revision } = (await outputs.recordOf(spec.modelId))?.record ?? {};
    const own = typeof repoId === 'string' && typeof revision === 'string' ? { repoId, revision } : null;
    const address: SourceAddress | null = spec.address ?? (own === null ? null : { kind: 'hub', ...own });
    if (address === null) return null;
    try {
      const files = await (await tools.origins.of(address, signal)).readFiles(signal);
      const bytes = withTokenizerJson(files).get('tokenizer.json');
      if (bytes === undefined) return null;
      const folder = await workspaces.make(spec.workId);
      await writeFile(path.join(folder, 'tokenizer.json'), bytes);
      return folder;
    } catch (error) {
      // A chosen source is meant; without one, generating is a trial too.
      if (signal.aborted || spec.address !== null || !(error instanceof AppError)) throw error;
      return null;
    }
  }

  function orderOf(spec: Spec): WorkOrder {
    const job = createJobRun();
    const { progress } = job;

    async function work({ signal, detail }: TransferContext): Promise<void> {
      const model = await tools.findModel(spec.modelId);
      if (tools.verifyFile === null) throw new AppError('unsupported', 'Nothing runs models here.');
      assertModel(await tools.readHeader(model.path));
      progress.plan([{ phase: 'verifying', bytes: model.weightsBytes }]);
      progress.enter('verifying');
      // Under another id: the model may be loaded and write a reply, which the end of the trial must not stop.
      const tried = { ...model, modelId: `verifying/${spec.workId}/${path.basename(model.path)}` };
      const verification = await tools.verifyFile(tried, await originalOf(spec, signal), signal);
      const own = await outputs.recordOf(spec.modelId);
      if (own !== null) {
        await noteVerification(tools, own.path, own.record, verification, signal);
        await writeRecord(own.path, { ...own.record, verification, ...(await hashesOf(own.path, signal)) });
      }
      const sizeBytes = await bytesOfFiles(model.shards ?? [model.path]);
      detail({ code: 'converted', sizeBytes, verification });
      progress.finish();
      await outputs.published();
    }

    return {
      kind: 'verify_model',
      lane: 'cores',
      subject: spec.modelId.split('/').at(-1) ?? spec.modelId,
      totalBytes: 0,
      async run(running) {
        try {
          await job.run(running, work);
        } finally {
          await workspaces.remove(spec.workId);
        }
      },
      data: () => spec,
      view: () => job.view(spec.modelId),
    };
  }

  return {
    async start(modelId, address) {
      await tools.findModel(modelId);
      return tools.run(orderOf({ workId: workspaces.newId(), modelId, address }));
    },
    resume: (data) => orderOf(specSchema.parse(data)),
  };
}

/** @throws AppError `unsupported` for a GGUF file that is no model: llama.cpp would name a key that is missing. */
function assertModel({ metadata }: Pick<GgufHeader, 'metadata'>): void {
  const type = metadata.get('general.type');
  if (type === 'adapter')
    throw new AppError('unsupported', 'This is an adapter (LoRA). It runs beside its base alone, and is tried there.');
  if (type === 'imatrix') throw new AppError('unsupported', 'This is an importance matrix. Models are tried.');
}
