/** The contract between main and the convert child, over the child's IPC channel. */
import { call, stream, trusted } from '../../../preload/wire/rpc.ts';
import type { ErrorBody } from '../../../preload/wire/errors.ts';
import type { SourceFile } from '../checkpoint/checkpoint-source.ts';
import type { OutputType } from '../plan/output-types.ts';
import type { WriteProgress, WrittenModel } from '../write/write-model.ts';
import type { PlannedModel } from '../write/write-plan.ts';

/** Where the child reads the checkpoint: in a folder by itself, or through main, which has the network. */
export type ChildSource =
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 'fed';
      readonly files: readonly SourceFile[];
      readonly commit: string | null;
      /** As in `CheckpointSource`. */
      readonly provesAtEnd: boolean;
    };

export interface ConvertRequest {
  readonly source: ChildSource;
  /** The repository's id or the folder's name, for the metadata. */
  readonly name: string;
  readonly outputType: OutputType;
  readonly outputPath: string;
  /** Bytes that are kept free in the metadata for what a verification finds; 0 for none. */
  readonly verificationBytes: number;
}

export type ConvertEvent =
  | ({ readonly type: 'planned' } & PlannedModel)
  | ({ readonly type: 'progress' } & WriteProgress)
  /** Asks for bytes of a fed source, which `feed` answers. */
  | { readonly type: 'read'; readonly id: number; readonly path: string; readonly start: number; readonly end: number }
  /** Asks main to look whether a file of a fed source is unchanged. `feed` answers without bytes. */
  | { readonly type: 'check'; readonly id: number; readonly path: string }
  /** Asks main to make what was written last, which a process with few rights cannot. `feed` answers without bytes. */
  | { readonly type: 'sync'; readonly id: number; readonly what: 'file' | 'names' }
  | ({ readonly type: 'done' } & PlannedModel & WrittenModel);

/** The answer to a `read`, a `check` or a `sync`. */
export interface Feed {
  readonly id: number;
  readonly bytes: Uint8Array | null;
  /** Null where it was done. */
  readonly error: ErrorBody | null;
}

export const convertContract = {
  ping: call(trusted<object>()).returns<null>(),
  convert: stream(trusted<ConvertRequest>()).emits<ConvertEvent>(),
  feed: call(trusted<Feed>()).returns<null>(),
};

export type ConvertContract = typeof convertContract;
