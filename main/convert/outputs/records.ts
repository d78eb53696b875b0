/** The records beside the models that Hearth made: what they were made of, and what their verification found. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { outputTypeSchema, type ConversionRecord, type Verification } from '../../../preload/contract/convert.ts';
import { sha256OfFile } from '../../hub/hub.ts';
import { shardPaths } from '../../model-file/shards.ts';
import { writeVerification, type VerifiedFile } from '../verify/write-verification.ts';
import { writeWhole } from '../written-file.ts';

/** A file that a model was made of, or a file of a model. */
export interface RecordedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string | null;
}

/** What is written: the record of the contract, with hashes. */
export interface StoredRecord extends ConversionRecord {
  readonly files: readonly RecordedFile[];
  /** The sha256 of the model's file; null for a model of several. */
  readonly sha256: string | null;
  /** The files of a model of several, in order. */
  readonly shards?: readonly RecordedFile[];
  readonly createdAt: number;
}

/** The record of a model before it is tried and hashed. */
export type UnverifiedRecord = Omit<StoredRecord, 'verification' | 'sha256' | 'shards'>;

const ENDING = '.json';
const MAX_BYTES = 4 * 1024 * 1024;

const tokenIds = z.array(z.number()).max(1_000_000);
const verificationSchema = z.object({
  result: z.enum(['passed', 'failed']),
  tokenizer: z
    .object({
      textCount: z.number(),
      mismatchCount: z.number(),
      knownDifferences: z
        .array(z.object({ kind: z.string(), text: z.string() }))
        .max(1000)
        .optional(),
      firstMismatch: z.object({ text: z.string(), expected: tokenIds, found: tokenIds }).nullable(),
    })
    .nullable(),
  generated: z.object({ text: z.string(), tokenCount: z.number() }).nullable(),
  error: z
    .object({ code: z.string(), message: z.string(), data: z.record(z.string(), z.unknown()).optional() })
    .nullable(),
  at: z.number(),
});
const recordedFile = z.object({ path: z.string(), sizeBytes: z.number(), sha256: z.string().nullable() });
const recordSchema = z.object({
  sourceName: z.string(),
  sourceRepoId: z.string().nullable(),
  sourceRevision: z.string().nullable(),
  sourceModelId: z.string().nullable(),
  // Records of before this was noted have none.
  prunedLayerCount: z.number().int().nonnegative().default(0),
  type: outputTypeSchema,
  converterVersion: z.string(),
  verification: verificationSchema.nullable(),
  files: z.array(recordedFile),
  sha256: z.string().nullable(),
  shards: z.array(recordedFile).optional(),
  createdAt: z.number(),
});

/** The record of a model; null where there is none that can be read. Never throws. */
export async function readRecord(modelPath: string): Promise<StoredRecord | null> {
  try {
    const text = await readFile(`${modelPath}${ENDING}`, 'utf8');
    if (text.length > MAX_BYTES) return null;
    const parsed = recordSchema.safeParse(JSON.parse(text));
    return parsed.success ? (parsed.data as StoredRecord) : null;
  } catch {
    return null;
  }
}

/** The hashes of a model's files, of which `file` is the first. Throws file system errors, and the signal's reason. */
export async function hashesOf(file: string, signal: AbortSignal): Promise<Pick<StoredRecord, 'sha256' | 'shards'>> {
  const files = shardPaths(file);
  if (files.length === 1) return { sha256: await sha256OfFile(file, signal) };
  const shards: RecordedFile[] = [];
  for (const one of files)
    shards.push({
      ...{ path: path.basename(one), sizeBytes: (await stat(one)).size },
      sha256: await sha256OfFile(one, signal),
    });
  return { sha256: null, shards };
}

/** Writes the record of a model: complete, or not at all. @throws AppError `disk.full`, `disk.denied`. */
export async function writeRecord(modelPath: string, record: StoredRecord): Promise<void> {
  await writeWhole(`${modelPath}${ENDING}`, `${JSON.stringify(record, null, 2)}\n`);
}

/** What the contract shows of a record. */
export function shownRecord(record: StoredRecord): ConversionRecord {
  const { sourceName, sourceRepoId, sourceRevision, sourceModelId, prunedLayerCount } = record;
  const { type, converterVersion, verification } = record;
  return {
    ...{ sourceName, sourceRepoId, sourceRevision, sourceModelId, prunedLayerCount },
    ...{ type, converterVersion, verification },
  };
}

/** Writes what was found into the file itself, of several the first, where it has a place for it. @throws as `writeVerification`. */
export async function noteVerification(
  { readHeader }: Pick<VerifiedFile, 'readHeader'>,
  file: string,
  {
    sourceName,
    sourceRevision,
    files,
    converterVersion,
  }: Pick<StoredRecord, 'sourceName' | 'sourceRevision' | 'files' | 'converterVersion'>,
  found: Verification,
  signal: AbortSignal,
): Promise<void> {
  const noted = { path: file, source: sourceName, revision: sourceRevision, converterVersion, sourceFiles: files };
  await writeVerification({ ...noted, readHeader }, found, signal);
}
