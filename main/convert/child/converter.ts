/** Conversions for main: each in a child process of its own, which is killed when it is done, fails or is cancelled. */
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { AppError, encodeError } from '../../../preload/wire/errors.ts';
import type { Client } from '../../../preload/wire/rpc.ts';
import type { EndErrors } from '../../process/supervise.ts';
import { cancelled, crashed, endedError, inChild, type ChildKind } from '../child-work.ts';
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import { syncToDisk } from '../write/output-file.ts';
import type { WriteProgress, WrittenModel } from '../write/write-model.ts';
import type { PlannedModel } from '../write/write-plan.ts';
import type { ChildSource, ConvertContract, ConvertEvent, ConvertRequest } from './protocol.ts';

export interface ConverterOptions {
  /**
   * Starts a convert child that may write below `writableFolder` alone, with these variables added to its environment, over a channel
   * that carries bytes (`serialization: 'advanced'`).
   */
  readonly startChild: (writableFolder: string, variables: Readonly<Record<string, string>>) => ChildProcess;
  readonly onStderr?: (line: string, pid: number | undefined) => void;
}

export interface Conversion extends Omit<ConvertRequest, 'source'> {
  /** A folder, which the child reads by itself, or a source that main reads for it. The caller closes it. */
  readonly source: { readonly folder: string } | CheckpointSource;
}

export type ConversionEvent =
  ({ readonly type: 'planned' } & PlannedModel) | ({ readonly type: 'progress' } & WriteProgress);

export interface ConvertedModel extends PlannedModel, WrittenModel {}

export interface Converter {
  /**
   * Converts and resolves when the file has its final name. Cancelled or killed work is taken up again by the next call with the same
   * arguments, unless `discardUnfinished` was called for its path.
   * @throws AppError `cancelled`, `convert.*`, `tokenizer.invalid`, `busy`, `disk.*`, `invalid_input` (`output_exists`), `engine.*` for a child
   * that ended by itself, and what the source throws.
   */
  convert(
    conversion: Conversion,
    options: { readonly signal: AbortSignal; readonly onEvent: (event: ConversionEvent) => void },
  ): Promise<ConvertedModel>;
}

/** Threads that read and write while values are converted. */
const variables = { UV_THREADPOOL_SIZE: '4' };

export function createConverter({ startChild, onStderr }: ConverterOptions): Converter {
  return {
    async convert({ source, ...request }, { signal, onEvent }) {
      if (signal.aborted) throw cancelled();
      const process = startChild(path.dirname(request.outputPath), variables);
      const options = { signal, onStderr: (line: string) => onStderr?.(line, process.pid) };
      const results = inChild(process, convertChild, options, async function* (client): AsyncGenerator<ConvertedModel> {
        for await (const event of client.stream('convert', { ...request, source: childSource(source) })) {
          const result = take(event, { source, outputPath: request.outputPath, client, onEvent });
          if (result === null) continue;
          yield result;
          return;
        }
      });
      for await (const result of results) return result;
      throw new AppError('internal', 'The conversion ended without an answer.');
    },
  };
}

const childSource = (source: Conversion['source']): ChildSource =>
  'folder' in source
    ? { kind: 'folder', path: source.folder }
    : { kind: 'fed', files: source.files, commit: source.commit, provesAtEnd: source.provesAtEnd === true };

interface Taking {
  readonly source: Conversion['source'];
  readonly outputPath: string;
  readonly client: Client<ConvertContract>;
  readonly onEvent: (event: ConversionEvent) => void;
}

/** Passes an event on, or does what it asks for; the result with the last one. */
function take(event: ConvertEvent, { source, outputPath, client, onEvent }: Taking): ConvertedModel | null {
  switch (event.type) {
    case 'planned':
    case 'progress':
      onEvent(event);
      return null;
    case 'read': {
      const { path: file, start, end } = event;
      void answer(client, event.id, async () => {
        if ('folder' in source) throw new AppError('internal', 'The child reads its folder by itself.');
        return await source.read(file, start, end);
      });
      return null;
    }
    case 'check':
      void answer(client, event.id, async () => {
        if (!('folder' in source)) await source.assertUnchanged(event.path);
        return null;
      });
      return null;
    case 'sync':
      void answer(client, event.id, async () => {
        await syncToDisk(outputPath, event.what);
        return null;
      });
      return null;
    case 'done': {
      const { type: _, ...result } = event;
      return result;
    }
    default:
      return event satisfies never;
  }
}

/** Answers a question of the child. Never rejects: without the child nobody waits for the answer. */
export async function answer(
  client: Client<ConvertContract>,
  id: number,
  work: () => Promise<Uint8Array | null>,
): Promise<void> {
  const feed = await work().then(
    (bytes) => ({ id, bytes, error: null }),
    (error: unknown) => ({ id, bytes: null, error: encodeError(error) }),
  );
  await client.call('feed', feed).catch(() => {});
}

const errors: EndErrors = {
  notStarted: (reason) =>
    new AppError('engine.start_failed', 'The process for conversions could not be started.', { reason }),
  ended: (end) =>
    endedError(end, {
      stopped: 'The conversion stopped unexpectedly',
      outOfMemory: 'The memory of this computer was not enough for the conversion.',
      outOfMemoryLine: /out of memory|allocation failed/i,
      tellingLine: (lines) => lines.findLast((line) => line.trim() !== ''),
    }),
  disconnected: () => crashed('The process of the conversion lost its connection and was stopped.', 'disconnected'),
  hung: () => crashed('The conversion no longer answered and was stopped.', 'hang'),
};

/** A child may be silent for a minute: a slow disk, or a large vocabulary. */
export const convertChild: ChildKind<ConvertContract> = {
  limits: { everyMs: 5000, unanswered: 12, startMs: 90_000 },
  errors,
  ping: (client) => client.call('ping', {}),
};
