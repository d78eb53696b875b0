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
    if (text === null) refuse(file);
    else if (text === '') toast({ text: words.files.empty(file.name), tone: 'red' });
    else attachText(chatId, file.name, text);
  }
}

type FileKind = keyof typeof words.files.noText;

/** By the end of a name; a browser tells no type of a file that it does not know. */
const byEnding: readonly (readonly [RegExp, FileKind])[] = [
  [/\.(gguf|safetensors)$/i, 'model'],
  [/\.(png|jpe?g|gif|webp|bmp|tiff?|heic|avif)$/i, 'picture'],
  [/\.(mp3|wav|ogg|opus|flac|m4a|aac)$/i, 'sound'],
  [/\.(mp4|mov|mkv|webm|avi)$/i, 'video'],
  [/\.(pdf|docx?|odt|rtf|pptx?|odp|xlsx?|ods|epub|pages|numbers|key)$/i, 'document'],
];

const kindOf = ({ name }: File): FileKind => byEnding.find(([ending]) => ending.test(name))?.[1] ?? 'other';

/** Says what a file is that cannot be attached, and what can be done instead. */
function refuse(file: File): void {
  const kind = kindOf(file);
  const { noText, noTextText, documentText, modelText } = words.files;
  const detail = kind === 'document' ? documentText : kind === 'model' ? modelText : noTextText;
  toast({ text: noText[kind](file.name), detail, tone: 'red' });
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
