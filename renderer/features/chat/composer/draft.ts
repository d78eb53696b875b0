/** An unsent message: what is typed, and the texts that stand in it as files. */
import {
  MAX_PARTS,
  MAX_TEXT_LENGTH,
  namedTextsOf,
  typedTextOf,
  type MessagePart,
  type TextPart,
} from '../../../../preload/contract/message-parts.ts';

/** A pasted text or a text file. */
export interface DraftFile {
  /** Unique in this page. */
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

export interface Draft {
  readonly text: string;
  readonly files: readonly DraftFile[];
}

export const emptyDraft: Draft = { text: '', files: [] };

/** A longer text that is put in at once becomes a file. A field lays out all of its text at every key. */
export const FILE_FROM_LENGTH = 2500;

export const textDraft = (text: string): Draft => ({ text, files: [] });

export function hasWords({ text, files }: Draft): boolean {
  return files.length > 0 || text.trim() !== '';
}

export function newFile(name: string, text: string): DraftFile {
  return { id: crypto.getRandomValues(new Uint32Array(2)).join('-'), name: fileName(name), text };
}

/** A name that the contract takes. */
function fileName(name: string): string {
  const clean = name.replace(/[/\\\p{Cc}]/gu, ' ').trim();
  return clean === '' ? 'text' : clean.slice(-200);
}

/** The draft with another file; null when it would be longer than a message may be. */
export function withFile(draft: Draft, file: DraftFile): Draft | null {
  const length = draft.files.reduce((sum, one) => sum + one.text.length, draft.text.length + file.text.length);
  if (length > MAX_TEXT_LENGTH || draft.files.length + 2 > MAX_PARTS) return null;
  return { ...draft, files: [...draft.files, file] };
}

export function withoutFile(draft: Draft, id: string): Draft {
  return { ...draft, files: draft.files.filter((file) => file.id !== id) };
}

/** What the field holds at most. With lines of usual length a key takes some 14 ms of the page's time then, on two busy cores. */
const MAX_FIELD_LENGTH = 300_000;
/** A browser shapes the whole line at every key: with 100,000 characters in one it takes 100 ms. */
const MAX_FIELD_LINE = 20_000;

/** Why a text stays a file and is not put into the field; null where the field takes it. */
export function whyNotInField(text: string): { readonly reason: 'length' | 'line'; readonly most: number } | null {
  if (text.length > MAX_FIELD_LENGTH) return { reason: 'length', most: MAX_FIELD_LENGTH };
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from);
    if ((end < 0 ? text.length : end) - from > MAX_FIELD_LINE) return { reason: 'line', most: MAX_FIELD_LINE };
    if (end < 0) break;
    from = end + 1;
  }
  return null;
}

/** The draft with the file's text behind what is typed. */
export function unpacked(draft: Draft, file: DraftFile): Draft {
  const text = draft.text === '' ? file.text : `${draft.text}\n\n${file.text}`;
  return { ...withoutFile(draft, file.id), text };
}

/** The parts of the message: files first, because a question about a text follows it. */
export function partsOf({ text, files }: Draft): TextPart[] {
  const named = files.map((file): TextPart => ({ type: 'text', text: file.text, name: file.name }));
  return text.trim() === '' && named.length > 0 ? named : [...named, { type: 'text', text }];
}

/** A stored message as a draft. */
export function draftOf(message: { readonly parts: readonly MessagePart[] }): Draft {
  return {
    text: typedTextOf(message),
    files: namedTextsOf(message).map(({ name, text }, index) => ({ id: String(index), name, text })),
  };
}

/** Equal for drafts with the same content, without comparing long texts. */
export function keyOf({ text, files }: Draft): string {
  return [text, ...files.map(({ id }) => id)].join('\0');
}
