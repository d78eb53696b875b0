/** Chats from and for other programs: exports in four formats, and imports that are looked at before anything is written. */
import { z } from 'zod';
import { call, stream } from '../wire/rpc.ts';

/** The programs and forms whose chats are read. */
export type ExchangeFormat =
  | 'hearth'
  | 'chatgpt'
  | 'claude'
  | 'open_webui'
  | 'lm_studio'
  | 'jan'
  | 'gpt4all'
  | 'koboldcpp'
  | 'sharegpt'
  | 'messages';

/** What an import has of a chat. */
export type CameOverKind =
  'chats' | 'messages' | 'versions' | 'reasoning' | 'system_prompts' | 'models' | 'files' | 'tool_steps';

/** What an import leaves out, or had to mend. */
export type LeftOutKind =
  /** Messages without text and without files. */
  | 'empty_messages'
  /** What a program wrote for its model alone. */
  | 'hidden_messages'
  | 'images'
  | 'audio'
  | 'files'
  /** Parts of a kind that is not known. */
  | 'unknown_parts'
  /** Messages whose parent is missing or lies in a circle: they became beginnings of a branch. */
  | 'broken_links'
  /** Texts that were cut at the limit of a message. */
  | 'long_texts'
  /** Lone surrogates and other characters that cannot be stored. */
  | 'bad_characters'
  /** Chats with more messages than the limit. */
  | 'huge_chats'
  | 'empty_chats'
  /** Values that are no chat of a known form. */
  | 'unknown_values'
  /** The file ends in the middle of a chat. */
  | 'cut_off'
  /** Files of an archive that hold no chats. */
  | 'other_files'
  /** Notes, world info and memory of a story. */
  | 'story_notes';

export interface CountedKind<Kind extends string> {
  readonly kind: Kind;
  readonly count: number;
  readonly examples: readonly string[];
}

/** What an import would add. Nothing is written yet. */
export interface ImportPreview {
  readonly importId: string;
  readonly fileName: string;
  readonly formats: readonly { readonly format: ExchangeFormat; readonly chats: number }[];
  readonly cameOver: readonly CountedKind<CameOverKind>[];
  readonly leftOut: readonly CountedKind<LeftOutKind>[];
  readonly chatCount: number;
  /** Chats that are here already, word for word. */
  readonly duplicateCount: number;
  /** The first chats. */
  readonly samples: readonly {
    readonly title: string;
    readonly messageCount: number;
    readonly updatedAt: number;
    readonly isDuplicate: boolean;
  }[];
}

export type ImportEvent =
  | { readonly type: 'progress'; readonly doneChats: number; readonly chatCount: number }
  /** Everything is stored. `firstChatId` is null where every chat was skipped. */
  | {
      readonly type: 'end';
      readonly addedChats: number;
      readonly skippedChats: number;
      readonly firstChatId: string | null;
    };

const exportFormatSchema = z.enum(['markdown', 'json', 'html', 'text']);
export type ExportFormat = z.infer<typeof exportFormatSchema>;

const label = z.string().min(1).max(80);
/** Words that an export has between what was said, in the language of the page. */
const exportLabelsSchema = z.strictObject({
  /** Such as `en`. */
  language: z.string().regex(/^[A-Za-z0-9-]{2,35}$/),
  user: label,
  assistant: label,
  system: label,
  tool: label,
  reasoning: label,
  file: label,
  untitled: label,
});
export type ExportLabels = z.infer<typeof exportLabelsSchema>;

export type ExportEvent =
  | { readonly type: 'start'; readonly fileName: string; readonly mediaType: string; readonly chatCount: number }
  /** A piece of the file, in base64. Only with the target `page`. */
  | { readonly type: 'piece'; readonly base64: string }
  | { readonly type: 'progress'; readonly doneChats: number; readonly bytes: number }
  | {
      readonly type: 'end';
      readonly bytes: number;
      /** Attached files that are not in the export: they are gone, or larger than the limit. */
      readonly leftOutFiles: number;
      /** The name of the written file; null with the target `page`. */
      readonly savedAs: string | null;
    };

const id = z.string().regex(/^[a-z0-9-]{1,64}$/, 'expected an id');
const importInput = z.strictObject({ importId: z.uuid() });

export const exchangeRoutes = {
  /**
   * Writes chats. `page` gets the file in pieces; `file` opens the desktop's dialog, and ends without `start` where it is closed. Several
   * chats are one JSON file, or an archive with a file each. The end of the stream by its reader cancels, and leaves no half file.
   * Throws not_found, disk.full, disk.denied, unsupported (no dialog).
   */
  'exchange.export': stream(
    z.strictObject({
      /** Null: all chats. */
      chatIds: z.array(id).min(1).max(100_000).nullable(),
      format: exportFormatSchema,
      /** With the reasoning of replies. JSON always has it. */
      reasoning: z.boolean(),
      /** One archive with a file for each chat, also for JSON. */
      archive: z.boolean(),
      labels: exportLabelsSchema,
      target: z.enum(['page', 'file']),
    }),
  ).emits<ExportEvent>(),
  /**
   * Adds the chats of a file that was sent to `/import-chats/NAME`. They appear together at the end, or not at all: the end of the stream
   * by its reader takes back what was written. Throws not_found, disk.full.
   */
  'exchange.import': stream(z.strictObject({ importId: z.uuid(), skipDuplicates: z.boolean() })).emits<ImportEvent>(),
  /** Forgets a file that was looked at. */
  'exchange.discard': call(importInput).returns<null>(),
  /** Deletes the chats of an import for good. Those that were changed since are kept. */
  'exchange.undoImport': call(importInput).returns<{ removedChats: number; keptChats: number }>(),
};
