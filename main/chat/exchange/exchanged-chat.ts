/** A chat between two programs: as an export is made of it, and as an import has read it. */
import type { Message } from '../../../preload/contract/chat.ts';
import type { CameOverKind, ExchangeFormat, LeftOutKind } from '../../../preload/contract/exchange.ts';
import type { ChatRow } from '../../store/chats.ts';

/** Limits of one import. A hostile file reaches one of them before it reaches those of the process. */
export const importLimits = {
  /** Of the file as it arrives. */
  fileBytes: 4 * 1024 ** 3,
  /** Of everything that is unpacked from an archive. */
  unpackedBytes: 16 * 1024 ** 3,
  /** Text packs to a fifth; the densest that deflate can make is 1 to 1,032. */
  packingRatio: 200,
  archiveEntries: 200_000,
  /** Of one value of the file, which is parsed whole: a conversation. A string of JavaScript ends at 512 MiB. */
  valueBytes: 128 * 1024 * 1024,
  /** Conversations nest some ten levels; deeper ones are made to exhaust a stack. */
  depth: 256,
  chats: 200_000,
  messagesPerChat: 100_000,
  attachmentBytes: 64 * 1024 * 1024,
  attachmentsBytes: 4 * 1024 ** 3,
} as const;

/** A message without its chat. `parent` is the place of an earlier message in the list, so that no circle can be written down. */
export interface ExchangedMessage extends Pick<
  Message,
  'role' | 'parts' | 'status' | 'error' | 'modelId' | 'modelName' | 'sampling' | 'timing' | 'createdAt'
> {
  readonly parent: number | null;
}

export interface ExchangedChat extends Pick<
  ChatRow,
  'title' | 'pinned' | 'modelId' | 'systemPrompt' | 'sampling' | 'contextPolicy' | 'createdAt' | 'updatedAt'
> {
  /** The place of the last message of the shown path; null for a chat without messages. */
  readonly leaf: number | null;
  readonly messages: readonly ExchangedMessage[];
}

/** A line of the file that the reading leaves for the writing. */
export interface ReadChat {
  readonly format: ExchangeFormat;
  /** Its id where Hearth exported it, perhaps from this data folder. */
  readonly sourceId: string | null;
  /** The same for two chats with the same words in the same tree, wherever they come from. */
  readonly digest: string;
  readonly chat: ExchangedChat;
}

/** How many of a kind, and some of them by name. */
export interface Counted<Kind extends string> {
  readonly kind: Kind;
  readonly count: number;
  readonly examples: readonly string[];
}

/** What a reading found, beside the chats. */
export interface ReadReport {
  readonly cameOver: readonly Counted<CameOverKind>[];
  readonly leftOut: readonly Counted<LeftOutKind>[];
}
