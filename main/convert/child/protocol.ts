/** The contract between main and the convert child, over the child's IPC channel. */
import { call, stream, trusted } from '../../../preload/wire/rpc.ts';
import type { ErrorBody } from '../../../preload/wire/errors.ts';
import type { SourceFile } from '../checkpoint/checkpoint-source.ts';
import type { OutputType } from '../plan/output-types.ts';
import type { ExportRequest } from '../safetensors/export-safetensors.ts';
import type { MergeRequest, SplitRequest } from '../split/split.ts';
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
  /** A LoRA adapter of the source in a folder: it is merged into it, or converted alone, for which the source may be config.json alone. */
  readonly adapter?: { readonly folder: string; readonly isMerged: boolean } | null;
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

/** GGUF files that are divided, joined, or written as safetensors. */
export type FilesRequest =
  | ({ readonly kind: 'split' } & SplitRequest)
  | ({ readonly kind: 'merge' } & MergeRequest)
  | ({ readonly kind: 'export' } & ExportRequest);

export interface WrittenFiles {
  readonly paths: readonly string[];
  /** Of all together. */
  readonly sizeBytes: number;
}

export type FilesEvent =
  /** `file` is the name of the file that is written. */
  | { readonly type: 'progress'; readonly doneBytes: number; readonly totalBytes: number; readonly file: string }
  /** As of a conversion, of a file or of the names in a folder. */
  | { readonly type: 'sync'; readonly id: number; readonly what: 'file' | 'names'; readonly path: string }
  | ({ readonly type: 'done' } & WrittenFiles);

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
  files: stream(trusted<FilesRequest>()).emits<FilesEvent>(),
  feed: call(trusted<Feed>()).returns<null>(),
};

export type ConvertContract = typeof convertContract;
