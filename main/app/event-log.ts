/** Logs loads and jobs: each change of state once, with codes and names, and no contents of chats. */
import type { LoadedModel } from '../../preload/contract/engine.ts';
import type { Job, JobsEvent } from '../../preload/contract/jobs.ts';
import { encodeError, type ErrorBody } from '../../preload/wire/errors.ts';
import { stackOf, type Log } from '../base/log.ts';
import type { EngineOptions } from '../engine/engine.ts';

/** Waiting and stopping are no failures of anything. */
const levelOf = (error: ErrorBody | null | undefined): 'error' | 'info' =>
  error && ['busy', 'cancelled'].includes(error.code) ? 'info' : 'error';

/** The code and, where there is one, its reason: no sentence, which may quote what was said. */
function codeOf({ code, data }: ErrorBody): string {
  const reason = data?.['reason'];
  return typeof reason === 'string' ? `${code} (${reason})` : code;
}

const because = (error: ErrorBody | null | undefined): string => (error ? `, ${error.code}: ${error.message}` : '');

const planOf = (model: LoadedModel): string =>
  `Engine: ${model.modelId} was loaded in ${Math.round(model.loadMs)} ms: ${[
    `context size ${model.contextSize}`,
    `${model.sequences} slots`,
    `${model.gpuLayers} of ${model.layerCount} layers on ${model.device}`,
    `${model.threads} threads`,
    `batch ${model.batchSize}`,
    `KV cache ${model.kvCacheType}`,
    `${model.memoryBytes} bytes`,
    ...model.notes.map(({ code }) => code),
  ].join(', ')}`;

/** Returns a function that takes each list of loaded models and logs the changes. */
export function createLoadLog(log: Log): (loaded: readonly LoadedModel[]) => void {
  let known = new Map<string, string>();
  // `generating` counts as ready, so that a reply logs no lines.
  const stateOf = ({ status }: LoadedModel): string => (status === 'generating' ? 'ready' : status);
  return (loaded) => {
    for (const model of loaded)
      if (known.get(model.modelId) !== stateOf(model))
        log[model.status === 'failed' ? levelOf(model.error) : 'info'](
          `Engine: ${model.modelId} is ${stateOf(model)}${because(model.error)}`,
        );
    for (const model of loaded)
      if (model.status === 'ready' && known.get(model.modelId) !== 'ready') log.debug(planOf(model));
    const now = new Map(loaded.map((model) => [model.modelId, stateOf(model)]));
    for (const modelId of known.keys()) if (!now.has(modelId)) log.info(`Engine: ${modelId} is unloaded`);
    known = now;
  };
}

/** Follows the jobs until the events end. */
export async function logJobs(events: AsyncIterable<JobsEvent>, log: Log): Promise<void> {
  const known = new Map<string, Job['state']>();
  const look = (job: Job, isNews: boolean): void => {
    if (isNews && known.get(job.id) !== job.state)
      log[job.state === 'failed' ? levelOf(job.error) : 'info'](
        `Job: ${[job.kind, job.subject].join(' ').trim()} is ${job.state}${because(job.error)}`,
      );
    known.set(job.id, job.state);
  };
  for await (const event of events)
    if (event.type === 'job') look(event.job, true);
    else if (event.type === 'snapshot') for (const job of event.jobs) look(job, false);
}

/** Logs what engine children write to standard error, with the child's model, or `spare` for a child without one. */
export function childLogger(log: Log): NonNullable<EngineOptions['onStderr']> {
  return (line, modelId, pid) => log.warn(`Engine child ${pid ?? '?'} (${modelId ?? 'spare'}): ${line}`);
}

/** Replies that failed: why, and with which model. */
export function replyLogger(log: Log): (error: ErrorBody, modelId: string | null) => void {
  return (error, modelId) => log.info(`A reply failed: ${codeOf(error)}, model ${modelId ?? 'none'}`);
}

/** Calls and streams that were answered with an error. What should never fail comes with its stack; the rest is the caller's matter. */
export function failureLogger(log: Log): (route: string, error: unknown) => void {
  return (route, error) => {
    const body = encodeError(error);
    if (body.code === 'internal') log.error(`${route}: ${stackOf(error)}`);
    else log.debug(`${route} was answered with ${codeOf(body)}`);
  };
}
