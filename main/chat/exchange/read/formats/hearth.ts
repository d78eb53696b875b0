/** Hearth's own export: a list whose first element is the header, and each of the others a chat (docs/chat-format.md). */
import { z } from 'zod';
import { contextPolicySchema, samplingSchema, type Timing } from '../../../../../preload/contract/chat.ts';
import type { MessagePart } from '../../../../../preload/contract/message-parts.ts';
import { modelIdSchema } from '../../../../../preload/contract/model.ts';
import { AppError, errorCodes, type ErrorBody } from '../../../../../preload/wire/errors.ts';
import { importLimits } from '../../exchanged-chat.ts';
import type { FoundNode } from '../chat-builder.ts';
import type { ReadChatValue, ReadContext } from '../reader.ts';
import { mediaTypeOf } from '../reader.ts';
import { objectsOf, textIn, timeIn, type Fields } from '../values.ts';

/** The name of the form in its header, and the version that is written. */
export const hearthFormat = { format: 'hearth-chats', version: 1 } as const;

export const isHearthHeader = (value: Fields): boolean => value['format'] === hearthFormat.format;
export const isHearthChat = (value: Fields): boolean => value['type'] === 'chat' && Array.isArray(value['messages']);

/** @throws AppError `invalid_input` for the form of a later version. */
export function checkHearthHeader(value: Fields): void {
  const version = value['version'];
  if (typeof version !== 'number' || version > hearthFormat.version)
    throw new AppError('invalid_input', 'These chats were exported by a newer version of Hearth. Update Hearth.', {
      reason: 'import_newer',
      field: 'file',
    });
}

const count = z.number().min(0).max(1e15);
/** Facts that are missing count as nothing, and unknown ones are left out. */
const timingSchema = z.object({
  promptTokens: count,
  reusedTokens: count,
  promptMs: count,
  generatedTokens: count,
  generateMs: count,
  firstTokenMs: count,
  loadMs: count.optional(),
  contextSize: count,
  continuedTokens: count.optional(),
  omittedMessages: count,
  overflow: z.object({ policy: contextPolicySchema, omittedTokens: count, reserveTokens: count.optional() }).optional(),
  toolsRefused: z.string().max(10_000).optional(),
  uncounted: z.literal(true).optional(),
  samplersNotTaken: z.array(z.string().max(100)).max(100).optional(),
  makeUp: z
    .object({ systemTokens: count, historyTokens: count, messageTokens: count, templateTokens: count })
    .optional(),
  speculation: z.object({ kind: z.enum(['draft', 'lookup']), draftedTokens: count, acceptedTokens: count }).optional(),
  endReason: z.enum(['end_of_turn', 'tool_calls', 'stop_text', 'max_tokens', 'context_full', 'stopped', 'failed']),
  seed: count,
});
const errorSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string().max(10_000),
  data: z.record(z.string().max(100), z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()])).optional(),
});

const fileName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^/\\\p{Cc}]+$/u);
const fileSchema = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  name: fileName,
  mediaType: z.string().max(127),
  sizeBytes: z.int().min(0),
});
const pixels = z.int().min(1).max(1_000_000).nullable();
const textPart = z.object({ type: z.literal('text'), text: z.string(), name: fileName.optional() });
const imagePart = z.object({ type: z.literal('image'), file: fileSchema, width: pixels, height: pixels });
const audioPart = z.object({ type: z.literal('audio'), file: fileSchema, durationMs: count.nullable() });
const partSchema = z.discriminatedUnion('type', [
  textPart,
  z.object({ type: z.literal('reasoning'), text: z.string(), durationMs: count.nullable() }),
  z.object({ type: z.literal('attachment'), file: fileSchema }),
  imagePart,
  audioPart,
  z.object({
    type: z.literal('tool_call'),
    callId: z.string().max(200),
    name: z.string().max(200),
    arguments: z.string().max(1_000_000),
  }),
  z.object({
    type: z.literal('tool_result'),
    callId: z.string().max(200),
    name: z.string().max(200),
    parts: z.array(z.discriminatedUnion('type', [textPart, imagePart, audioPart])).max(100),
    isError: z.boolean(),
  }),
  z.object({
    type: z.literal('citation'),
    source: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('file'), sha256: z.string().regex(/^[0-9a-f]{64}$/), name: fileName }),
      z.object({ kind: z.literal('web'), url: z.string().max(10_000), title: z.string().max(1000) }),
    ]),
    range: z.object({ start: z.int().min(0), end: z.int().min(0) }).nullable(),
    quote: z.string().max(100_000),
  }),
]);
const messageSchema = z.object({
  id: z.string().min(1).max(200),
  parentId: z.string().max(200).nullable(),
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  parts: z.array(z.unknown()).max(1000),
  status: z
    .enum(['pending', 'streaming', 'complete', 'stopped', 'failed', 'interrupted'])
    // What was being written when it was exported goes no further.
    .transform((status) => (status === 'pending' || status === 'streaming' ? 'interrupted' : status))
    .catch('complete'),
  error: errorSchema.nullable().catch(null),
  modelId: modelIdSchema.nullable().catch(null),
  modelName: z.string().max(1000).nullable().catch(null),
  sampling: samplingSchema.nullable().catch(null),
  timing: timingSchema.nullable().catch(null),
});

export const readHearthChat: ReadChatValue = (value, context) => {
  const title = textIn(value['title']);
  const files = filesIn(value, context);
  const nodes = objectsOf(value['messages']).flatMap((one): FoundNode[] => {
    const message = messageSchema.safeParse(one).data;
    if (message === undefined) {
      context.tally.left('unknown_values', title);
      return [];
    }
    const { id, parentId, role, parts, modelName, error, timing, ...own } = message;
    return [
      {
        key: id,
        parentKey: parentId,
        message: {
          role,
          modelName,
          parts: parts.flatMap((part) => partIn(part, files, context)),
          createdAt: timeIn(one['createdAt']),
          own: {
            ...own,
            error: error === null ? null : (withoutAbsent(error) as ErrorBody),
            timing: timing === null ? null : (withoutAbsent(timing) as Timing),
          },
        },
      },
    ];
  });
  const systemPrompt = textIn(value['systemPrompt']);
  if (systemPrompt !== '') context.tally.came('system_prompts', title);
  const id = textIn(value['id']);
  return {
    title,
    nodes,
    ...(/^[a-z0-9-]{1,64}$/.test(id) ? { sourceId: id } : {}),
    systemPrompt,
    leafKey: textIn(value['leafId']) || null,
    createdAt: timeIn(value['createdAt']),
    updatedAt: timeIn(value['updatedAt']),
    pinned: value['pinned'] === true,
    own: {
      modelId: modelIdSchema
        .nullable()
        .catch(null)
        .parse(value['modelId'] ?? null),
      sampling: samplingSchema
        .nullable()
        .catch(null)
        .parse(value['sampling'] ?? null),
      contextPolicy: contextPolicySchema.catch('roll').parse(value['contextPolicy']),
    },
  };
};

/** Optional fields that are absent, without the key that zod leaves. */
function withoutAbsent<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}

/** The part, if its file came along or it names none. */
function partIn(part: unknown, files: ReadonlySet<string>, context: ReadContext): MessagePart[] {
  const known = partSchema.safeParse(part).data;
  if (known === undefined) {
    context.tally.left('unknown_parts', textIn((part as Fields | null)?.['type']));
    return [];
  }
  if (
    (known.type === 'attachment' || known.type === 'image' || known.type === 'audio') &&
    !files.has(known.file.sha256)
  ) {
    context.tally.left(known.type === 'image' ? 'images' : known.type === 'audio' ? 'audio' : 'files', known.file.name);
    return [];
  }
  if (known.type === 'tool_result')
    return [{ ...known, parts: known.parts.filter((one) => one.type === 'text' || files.has(one.file.sha256)) }];
  return [known];
}

/** The hashes of the files whose bytes came with the chat. A file that is not what its hash says is left out. */
function filesIn(value: Fields, context: ReadContext): ReadonlySet<string> {
  const kept = new Set<string>();
  for (const file of objectsOf(value['files'])) {
    const base64 = textIn(file['base64']);
    if (base64.length * 0.75 > importLimits.attachmentBytes) continue;
    const bytes = Buffer.from(base64, 'base64');
    const part = context.keepFile(bytes, 'file', mediaTypeOf(bytes) ?? 'application/octet-stream');
    if (part !== null && 'file' in part) kept.add(part.file.sha256);
  }
  return kept;
}
