/** The process of the convert child: plain Node that reads a checkpoint and writes one GGUF file. It does one conversion and is ended. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '../../../preload/wire/errors.ts';
import type { CallContext, Handlers } from '../../../preload/wire/rpc.ts';
import { serveApp, startLifeline } from '../../process/serve-app.ts';
import { openLocalSource } from '../checkpoint/local-source.ts';
import { convertCheckpoint } from './convert-checkpoint.ts';
import { createEvents, type Events } from './events.ts';
import { createFavors, type Favors } from './favors.ts';
import { convertContract, type ConvertContract, type ConvertEvent, type ConvertRequest } from './protocol.ts';

startLifeline();

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

// It may be ended at any moment: an unfinished file has another name.
serveApp(convertContract, handlers);
