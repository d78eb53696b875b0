/** The process of the convert child: plain Node that reads a checkpoint and writes one GGUF file. It does one conversion and is ended. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../../preload/wire/errors.ts';
import { serve, type CallContext, type Handlers } from '../../../preload/wire/rpc.ts';
import { threadFile } from '../../base/thread-file.ts';
import { ipcPort } from '../../process/ipc-port.ts';
import { openLocalSource } from '../checkpoint/local-source.ts';
import { convertCheckpoint } from './convert-checkpoint.ts';
import { createEvents, type Events } from './events.ts';
import { createFavors, type Favors } from './favors.ts';
import { convertContract, type ConvertContract, type ConvertEvent, type ConvertRequest } from './protocol.ts';

// Started before anything that may hang. On Windows the system itself ends a child with its parent.
if (process.platform !== 'win32')
  new Worker(threadFile('../../process/lifeline-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, codeRangeSizeMb: 4, stackSizeMb: 0.5 },
    env: {},
  }).unref();

let isBusy = false;
let favors: Favors | null = null;

async function* convert(request: ConvertRequest): AsyncGenerator<ConvertEvent> {
  if (isBusy) throw new AppError('busy', 'This process has its conversion already.');
  isBusy = true;
  const events = createEvents();
  const work = run(request, events).finally(events.end);
  work.catch(() => {}); // awaited when the events end
  yield* events.all();
  yield await work;
}

async function run(request: ConvertRequest, events: Events): Promise<ConvertEvent> {
  const { source: from } = request;
  const { sync, source: fedSource } = (favors = createFavors(events.add));
  const source = from.kind === 'folder' ? await openLocalSource(from.path) : fedSource(from);
  try {
    return {
      type: 'done',
      ...(await convertCheckpoint(source, request, events.add, { sync, nextTurn: () => nextTurn() })),
    };
  } finally {
    await source.close();
  }
}

const handlers: Handlers<ConvertContract, CallContext> = {
  ping: () => null,
  convert,
  feed(answer) {
    favors?.take(answer);
    return null;
  },
};

serve(convertContract, handlers, ipcPort(process), (signal) => ({ signal }));
// The app is gone, or has what it wanted. Nothing is left half done: an unfinished file has another name.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Ctrl+C in a terminal reaches the whole process group. Main decides when a child ends.
process.on('SIGINT', () => {});
