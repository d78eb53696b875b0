/** The process of the convert child: plain Node that reads models and writes GGUF or safetensors files. It does one piece of work and is ended. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '../../../preload/wire/errors.ts';
import type { CallContext, Handlers } from '../../../preload/wire/rpc.ts';
import { serveApp, startLifeline } from '../../process/serve-app.ts';
import { openLocalSource } from '../checkpoint/local-source.ts';
import { convertAdapter, convertMerged } from '../adapters/convert-adapter.ts';
import { convertCheckpoint } from './convert-checkpoint.ts';
import { createEvents, type Events } from './events.ts';
import { createFavors, createFileFavors, type Favors } from './favors.ts';
import {
  convertContract,
  type ConvertContract,
  type ConvertEvent,
  type ConvertRequest,
  type FilesEvent,
  type FilesRequest,
} from './protocol.ts';
import { workOnFiles } from './work-on-files.ts';

startLifeline();

let isBusy = false;
let favors: Pick<Favors, 'take'> | null = null;

function begin(): void {
  if (isBusy) throw new AppError('busy', 'This process has its work already.');
  isBusy = true;
}

async function* convert(request: ConvertRequest): AsyncGenerator<ConvertEvent> {
  begin();
  const events = createEvents<ConvertEvent>();
  const work = run(request, events).finally(events.end);
  work.catch(() => {}); // awaited when the events end
  yield* events.all();
  yield await work;
}

async function run(request: ConvertRequest, events: Events<ConvertEvent>): Promise<ConvertEvent> {
  const { source: from, adapter: pair, ...output } = request;
  const { sync, source: fedSource, take } = createFavors(events.add);
  favors = { take };
  const source = from.kind === 'folder' ? await openLocalSource(from.path) : fedSource(from);
  const context = { sync, nextTurn: () => nextTurn() };
  try {
    if (!pair) return { type: 'done', ...(await convertCheckpoint(source, output, events.add, context)) };
    const adapter = await openLocalSource(pair.folder);
    try {
      const made = await (pair.isMerged ? convertMerged : convertAdapter)({ base: source, adapter }, output, {
        ...context,
        onPlanned: (planned) => events.add({ type: 'planned', ...planned }),
        onProgress: (progress) => events.add({ type: 'progress', ...progress }),
      });
      return { type: 'done', ...made };
    } finally {
      await adapter.close();
    }
  } finally {
    await source.close();
  }
}

async function* files(request: FilesRequest, { signal }: CallContext): AsyncGenerator<FilesEvent> {
  begin();
  const events = createEvents<FilesEvent>();
  const { sync, take } = createFileFavors(events.add);
  favors = { take };
  const work = workOnFiles(request, {
    ...{ signal, sync },
    progress: (doneBytes, totalBytes, file) => events.add({ type: 'progress', doneBytes, totalBytes, file }),
  }).finally(events.end);
  work.catch(() => {}); // awaited when the events end
  yield* events.all();
  yield { type: 'done', ...(await work) };
}

const handlers: Handlers<ConvertContract, CallContext> = {
  ping: () => null,
  convert,
  files,
  feed(answer) {
    favors?.take(answer);
    return null;
  },
};

// It may be ended at any moment: an unfinished file has another name.
serveApp(convertContract, handlers);
