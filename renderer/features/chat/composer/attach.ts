/** Texts that become files of a draft: long pastes, and text files that are dropped or pasted. */
import { toast } from '../../../ui/layers/toast.ts';
import { words } from '../../../words/words.ts';
import { newFile, withFile } from './draft.ts';
import { drafts } from './use-sender.ts';

/** No text of a message is longer, so nothing beyond it is read. Four bytes are the longest character. */
const MAX_FILE_BYTES = 8_000_000;

/** Adds a text to the draft of a chat as a file, or says why not. */
export function attachText(chatId: string | null, name: string, text: string): void {
  const draft = withFile(drafts.get(chatId), newFile(name, text));
  if (draft) drafts.set(chatId, draft);
  else toast({ text: words.files.tooLong(name), detail: words.files.tooLongText, tone: 'red' });
}

/** Adds text files to the draft of a chat, and says of each other file why it was not added. */
export async function attachFiles(chatId: string | null, files: readonly File[]): Promise<void> {
  for (const file of files) {
    if (file.size > MAX_FILE_BYTES) {
      toast({ text: words.files.tooLong(file.name), detail: words.files.tooLongText, tone: 'red' });
      continue;
    }
    const text = await textOfFile(file);
    if (text === null) toast({ text: words.files.noText(file.name), detail: words.files.noTextText, tone: 'red' });
    else if (text === '') toast({ text: words.files.empty(file.name), tone: 'red' });
    else attachText(chatId, file.name, text);
  }
}

/** Null when it is no text in UTF-8 or UTF-16, or cannot be read: a folder looks like a file. */
async function textOfFile(file: File): Promise<string | null> {
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const utf16 =
      bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null;
    const text = new TextDecoder(utf16 ?? 'utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}
