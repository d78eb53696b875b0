/** The records beside the models that Hearth made: what they were made of, and what their verification found. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { outputTypeSchema, type ConversionRecord, type Verification } from '../../../preload/contract/convert.ts';
import { writeVerification, type VerifiedFile } from '../verify/write-verification.ts';
import { writeWhole } from '../written-file.ts';

/** A file of a checkpoint that a model was made of. */
export interface RecordedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string | null;
}

/** What is written: the record of the contract, with hashes. */
export interface StoredRecord extends ConversionRecord {
  readonly files: readonly RecordedFile[];
  /** The sha256 of the model's file. */
  readonly sha256: string | null;
  readonly createdAt: number;
}

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
  files: z.array(z.object({ path: z.string(), sizeBytes: z.number(), sha256: z.string().nullable() })),
  sha256: z.string().nullable(),
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

/** Writes what was found into the file itself, where it has a place for it. @throws as `writeVerification`. */
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
