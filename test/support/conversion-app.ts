/** The whole app in this process, over a data folder and a test Hub, with children that run from their source. */
import path from 'node:path';
import { createApp, type App } from '../../main/app/app.ts';
import { readEnvironment } from '../../main/app/environment.ts';
import { createLog } from '../../main/base/log.ts';
import { createSpawnChild } from '../../main/process/spawn-child.ts';
import type { CallName, InputOf, OutputOf } from '../../preload/wire/rpc.ts';
import type { ChatEvent, Message } from '../../preload/contract/chat.ts';
import type { HearthContract } from '../../preload/contract/contract.ts';
import type { Job, JobsEvent } from '../../preload/contract/jobs.ts';
import { convertChildren } from './convert-children.ts';

const root = path.join(import.meta.dirname, '../..');

export interface ConversionApp {
  readonly app: App;
  call<R extends CallName<HearthContract>>(
    route: R,
    input: InputOf<HearthContract, R>,
  ): Promise<OutputOf<HearthContract, R>>;
  /** The job in the first state that `isWanted` accepts. `onJob` gets every state that is told. */
  waitFor(jobId: string, isWanted: (job: Job) => boolean, onJob?: (job: Job) => void): Promise<Job>;
  /** The job when it has ended, or waits for space. */
  ended(jobId: string, onJob?: (job: Job) => void): Promise<Job>;
  jobs(): Promise<readonly Job[]>;
  /** A reply when it has ended. */
  reply(chatId: string, replyId: string): Promise<Message>;
}

/** The app over `folder/data` and `folder/cache`. The caller closes it. `hubUrl` null: offline. */
export function startConversionApp(folder: string, hubUrl: string | null): ConversionApp {
  const environment = readEnvironment(
    {
      HEARTH_DATA_DIR: path.join(folder, 'data'),
      HEARTH_CACHE_DIR: path.join(folder, 'cache'),
      ...(hubUrl === null ? { HEARTH_OFFLINE: '1' } : { HF_ENDPOINT: hubUrl }),
    },
    path.join(folder, 'home'),
  );
  const app = createApp({
    shell: 'http',
    version: '0.0.0',
    environment,
    migrationsFolder: path.join(root, 'main/store/migrations'),
    measuredTextPath: path.join(root, 'assets/texts/varied.txt'),
    builtInModelPath: path.join(root, 'assets/models/ember-3M-Q8_0.gguf'),
    spawnChild: createSpawnChild(
      process.execPath,
      path.join(root, 'main/engine/child/child.ts'),
      path.join(environment.dataFolder, 'states'),
    ),
    convertChildren,
    seal: null,
    pickFolder: null,
    log: createLog({ folder: path.join(environment.dataFolder, 'logs') }),
  });
  const never = new AbortController().signal;
  const handlers = app.handlers as unknown as Record<
    string,
    (input: unknown, context: { signal: AbortSignal }) => unknown
  >;

  async function* watch<Event>(route: string, input: object): AsyncGenerator<Event> {
    const abort = new AbortController();
    try {
      yield* handlers[route]?.(input, { signal: abort.signal }) as AsyncIterable<Event>;
    } finally {
      abort.abort();
    }
  }
  const watchJobs = (): AsyncGenerator<JobsEvent> => watch('jobs.watch', {});
  const one: ConversionApp = {
    app,
    call: async (route, input) => (await handlers[route]?.(input, { signal: never })) as never,
    async waitFor(jobId, isWanted, onJob = () => {}) {
      for await (const event of watchJobs()) {
        const seen = event.type === 'snapshot' ? event.jobs : event.type === 'job' ? [event.job] : [];
        const job = seen.find(({ id }) => id === jobId);
        if (job === undefined) continue;
        onJob(job);
        if (isWanted(job)) return job;
      }
      throw new Error('The app was closed.');
    },
    ended: async (jobId, onJob) =>
      await one.waitFor(jobId, ({ state }) => ['done', 'failed', 'paused', 'waiting'].includes(state), onJob),
    async reply(chatId, replyId) {
      for await (const event of watch<ChatEvent>('chat.watch', { chatId })) {
        const seen = event.type === 'snapshot' ? event.messages : event.type === 'message' ? [event.message] : [];
        const reply = seen.find(({ id }) => id === replyId);
        if (reply && reply.status !== 'pending' && reply.status !== 'streaming') return reply;
      }
      throw new Error('The chat ended.');
    },
    async jobs() {
      for await (const event of watchJobs()) if (event.type === 'snapshot') return event.jobs;
      return [];
    },
  };
  return one;
}
