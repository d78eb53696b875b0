/** `/api/pull`: downloads as jobs of the app. https://github.com/ollama/ollama/blob/main/docs/api.md#pull-a-model. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Job } from '../../../preload/contract/jobs.ts';
import { parseModelReference } from '../../../preload/contract/model-reference.ts';
import { AppError, decodeError, isAppError } from '../../../preload/wire/errors.ts';
import { choosePath, isOutOfReach, orNamesOfFiles } from '../../hub/hub.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ListedModel } from '../names/models.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { modelFields, modelNameOf } from './fields.ts';
import { withoutLatest } from './find-model.ts';

const pullSchema = z.object({ ...modelFields, stream: z.boolean().nullish(), insecure: z.boolean().nullish() });
type PullBody = z.infer<typeof pullSchema>;

interface PullLine {
  readonly status: string;
  readonly digest?: string;
  readonly total?: number;
  readonly completed?: number;
}

/** Whether a name can be one of the Hub: it has an owner, or it is an address. */
const isOfHub = (name: string): boolean =>
  parseModelReference(name) !== null && !/^(?:library|ollama\.com|registry\.ollama\.ai)\//i.test(name);

function notOfHub(name: string): AppError {
  const word = withoutLatest(name).split('/').at(-1)?.split(':')[0] ?? name;
  return new AppError(
    'hub.not_found',
    `model '${name.slice(0, 200)}' not found: that is a name of Ollama's own library, and Hearth downloads from the Hugging Face Hub. Write OWNER/NAME:QUANTIZATION as the Hub has it, such as hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M; "hearth search ${word.slice(0, 80)}" finds models.`,
    { reason: 'not_of_hub' },
  );
}

/** Requests that wait for a job. `isOurs`: the first of them set it going, so the last may pause it. */
interface Waiting {
  count: number;
  readonly isOurs: boolean;
}
const waiting = new WeakMap<Services['jobs'], Map<string, Waiting>>();

/** Counts this request as one that waits. The returned function takes it back, and says whether nobody else wants the job. */
function waitFor(jobs: Services['jobs'], jobId: string, wasUnderWay: boolean): () => boolean {
  const all = waiting.get(jobs) ?? new Map<string, Waiting>();
  waiting.set(jobs, all);
  const own = all.get(jobId) ?? { count: 0, isOurs: !wasUnderWay };
  all.set(jobId, own);
  own.count++;
  return () => {
    own.count--;
    if (own.count === 0) all.delete(jobId);
    return own.count === 0 && own.isOurs;
  };
}

const isUnderWay = ({ state }: Job): boolean => state !== 'done' && state !== 'failed' && state !== 'paused';

async function jobsNow(jobs: Services['jobs'], signal: AbortSignal): Promise<readonly Job[]> {
  for await (const event of jobs.watch(signal)) if (event.type === 'snapshot') return event.jobs;
  return [];
}

/** A model of that name on this computer; null for none, and for several. */
async function findHere({ caller }: Caller, services: Services, name: string): Promise<ListedModel | null> {
  try {
    return await services.models.find(name, caller);
  } catch (error) {
    if (isAppError(error, 'model.missing') || isAppError(error, 'invalid_input')) return null;
    throw error;
  }
}

/** The caller of a pull. */
type Caller = Pick<Exchange, 'signal' | 'caller' | 'request'>;

/**
 * The lines of a download; the last is `success`. A caller that hangs up pauses a download that only such requests want, and the next pull
 * goes on where it was. Throws hub.*, disk.full, cancelled, invalid_input.
 */
async function* pull(caller: Caller, services: Services, name: string): AsyncGenerator<PullLine> {
  const { signal, request } = caller;
  const { jobs, library } = services;
  const here = await findHere(caller, services, name);
  // What is in no repository, or has a name of its own, has no newer version there.
  if (here && (here.preset !== null || here.model.local?.origin !== 'hub')) {
    yield { status: 'success' };
    return;
  }
  if (!isOfHub(name)) throw notOfHub(name);
  const before = await jobsNow(jobs, signal);
  let jobId: string;
  try {
    const wanted = await choosePath(services.hub, name, '', signal);
    const download = () => library.download(wanted, signal);
    ({ jobId } = await orNamesOfFiles(services.hub, wanted, signal, download));
  } catch (error) {
    if (here && isOutOfReach(error)) {
      yield { status: 'success' };
      return;
    }
    throw error;
  }
  const release = waitFor(
    jobs,
    jobId,
    before.some((job) => job.id === jobId && isUnderWay(job)),
  );
  try {
    yield { status: 'pulling manifest' };
    yield* linesOf(jobs, jobId, signal);
    // The list has the model when the caller hears of the end.
    await library.rescan();
    yield { status: 'writing manifest' };
    yield { status: 'success' };
  } finally {
    // The server's own end leaves a download to go on.
    if (release() && signal.aborted && request.socket.destroyed) await jobs.pause(jobId).catch(() => {});
  }
}

/** The progress of a job until it is done. Throws its error, and cancelled where it is paused or cancelled in Hearth. */
async function* linesOf(jobs: Services['jobs'], jobId: string, signal: AbortSignal): AsyncGenerator<PullLine> {
  let last = '';
  const once = function* (line: PullLine): Generator<PullLine> {
    const text = JSON.stringify(line);
    if (text !== last) yield line;
    last = text;
  };
  for await (const event of jobs.watch(signal)) {
    if (event.type === 'job' && event.job.id !== jobId) continue;
    if (event.type === 'removed' && event.jobId !== jobId) continue;
    const job =
      event.type === 'job'
        ? event.job
        : event.type === 'snapshot'
          ? event.jobs.find(({ id }) => id === jobId)
          : undefined;
    if (!job) throw new AppError('cancelled', 'The download was cancelled in Hearth.');
    switch (job.state) {
      case 'queued':
        yield* once({ status: 'waiting for other downloads' });
        break;
      case 'waiting':
        yield* once({ status: 'waiting for space on the disk' });
        break;
      case 'running':
        yield* progressOf(job, once);
        break;
      case 'verifying':
        yield* progressOf(job, once);
        yield* once({ status: 'verifying sha256 digest' });
        break;
      case 'paused':
        throw new AppError('cancelled', 'The download was paused in Hearth. Pull again to go on.');
      case 'failed':
        throw decodeError(job.error ?? { code: 'internal', message: 'The download failed.' });
      case 'done':
        yield* progressOf(job, once);
        return;
      default:
        job.state satisfies never;
    }
  }
  throw new AppError('cancelled', signal.aborted ? 'The caller is gone.' : 'Hearth is closing.');
}

/** A line for the file under way; at the end the last file. */
function* progressOf(
  { files, repoId, revision }: Job,
  once: (line: PullLine) => Generator<PullLine>,
): Generator<PullLine> {
  const file = files.find(({ doneBytes, sizeBytes }) => doneBytes < sizeBytes) ?? files.at(-1);
  if (!file) return;
  // Programs tell the bars of several files apart by this. It is a hash of the file's place: a job knows no other.
  const digest = createHash('sha256').update(`${repoId}@${revision}/${file.path}`).digest('hex');
  const { sizeBytes: total, doneBytes: completed } = file;
  yield* once({ status: `pulling ${digest.slice(0, 12)}`, digest: `sha256:${digest}`, total, completed });
}

export const pullRoute = route({
  method: 'POST',
  path: '/api/pull',
  dialect: 'ollama',
  group: 'manage',
  summary: 'Downloads a model from the Hugging Face Hub, with its progress as JSON lines unless "stream" is false.',
  body: pullSchema,
  example: { model: 'hf.co/OWNER/NAME:Q4_K_M' },
  async handle(exchange: Exchange<PullBody>, services: Services) {
    const isStream = exchange.body.stream !== false;
    let stream: ReturnType<Exchange['lines']> | undefined;
    let last: PullLine | undefined;
    for await (const line of pull(exchange, services, modelNameOf(exchange.body))) {
      last = line;
      if (!isStream) continue;
      stream ??= exchange.lines();
      await stream.send(line);
    }
    if (stream) stream.end();
    else exchange.json(200, last);
  },
});
