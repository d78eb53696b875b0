/**
 * Cuts Markdown into top-level blocks, so that a growing reply re-renders only its last block. Parsing a whole reply of
 * 50,000 tokens for every token would cost seconds each time.
 */

export interface MarkdownBlock {
  readonly text: string;
  /** Where the block begins in the whole text. */
  readonly start: number;
  /** Set for the definition of a footnote: its label, in the form of `labelOf`. */
  readonly note: string | null;
  /** Set for a fenced code block: the result of the parser, without parsing. */
  readonly fence: { readonly language: string; readonly code: string; readonly closed: boolean } | null;
}

const fenceStart = /^( {0,3})(`{3,}|~{3,})[ \t]*([^`\n]*)$/;
const listStart = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)/;
const noteStart = /^ {0,3}\[\^([^\]\s]{1,200})\]:/;

/** The form in which labels of links and footnotes are compared. */
export const labelOf = (written: string): string => written.trim().replaceAll(/\s+/g, ' ').toLowerCase();

/**
 * The blocks of `text` in order; joined by blank lines they mean the same as `text`, but for what definitions say of other blocks. A cut
 * depends only on the text of its block before it and on the line after it, so that appending changes at most the last two blocks.
 */
export function splitBlocks(text: string): readonly MarkdownBlock[] {
  return splitFrom(text, 0);
}

/** A function that splits a text which grows: it reads again only the last two blocks of the text that it was called with before. */
export function createSplitter(): (text: string) => readonly MarkdownBlock[] {
  let before = '';
  let blocks: readonly MarkdownBlock[] = [];
  return (text) => {
    const isMore = text.length >= before.length && text.startsWith(before);
    const kept = isMore ? blocks.slice(0, -2) : [];
    const from = kept.length === 0 ? 0 : (blocks[kept.length]?.start ?? 0);
    blocks = [...kept, ...splitFrom(text, from)];
    before = text;
    return blocks;
  };
}

function splitFrom(text: string, from: number): readonly MarkdownBlock[] {
  const blocks: MarkdownBlock[] = [];
  let lines: string[] = [];
  let fence: { marker: string; language: string; indent: number } | null = null;
  let inList = false;
  let innerFence: string | null = null;
  let afterBlank = false;
  let note: string | null = null;
  /** Where the current line and the block begin. */
  let at = from;
  let start = from;

  const flush = (): void => {
    while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop();
    if (lines.length > 0) blocks.push({ text: lines.join('\n'), start, note, fence: null });
    lines = [];
    inList = false;
    innerFence = null;
    note = null;
  };
  const add = (line: string): void => {
    if (lines.length === 0) start = at;
    lines.push(line);
  };
  const flushFence = (closed: boolean): void => {
    if (!fence) return;
    const indent = new RegExp(`^ {0,${fence.indent}}`);
    const body = lines.slice(1, closed ? -1 : undefined);
    const code = (fence.indent === 0 ? body : body.map((line) => line.replace(indent, ''))).join('\n');
    blocks.push({ text: lines.join('\n'), start, note: null, fence: { language: fence.language, code, closed } });
    lines = [];
    fence = null;
  };

  const read = (line: string): void => {
    if (fence) {
      add(line);
      if (closesFence(line, fence.marker)) flushFence(true);
      return;
    }
    if (innerFence !== null) {
      add(line);
      if (closesFence(line.trimStart(), innerFence)) innerFence = null;
      return;
    }
    if (line.trim() === '') {
      afterBlank = true;
      if (lines.length > 0) add(line);
      return;
    }
    const indented = line.startsWith('  ') || line.startsWith('\t');
    const opening = fenceStart.exec(line);
    if (opening?.[2] !== undefined && !(inList && indented)) {
      flush();
      fence = {
        marker: opening[2],
        language: (opening[3] ?? '').trim().split(/\s/)[0] ?? '',
        indent: opening[1]?.length ?? 0,
      };
      add(line);
      afterBlank = false;
      return;
    }
    const noted = innerFence === null ? noteStart.exec(line)?.[1] : undefined;
    if (noted !== undefined || (afterBlank && !continuesBlock(line, indented, inList, note !== null, lines))) flush();
    if (noted !== undefined) note = labelOf(noted);
    if (lines.length === 0) inList = note !== null || listStart.test(line);
    if (inList) innerFence = /^\s*(?:[-*+]|\d{1,9}[.)])?\s*(`{3,}|~{3,})[^`]*$/.exec(line)?.[1] ?? null;
    add(line);
    afterBlank = false;
  };
  for (const line of text.slice(from).split('\n')) {
    read(line);
    at += line.length + 1;
  }
  if (fence) flushFence(false);
  else flush();
  return blocks;
}

/**
 * Whether a line after a blank one still belongs to the block: the next item or paragraph of a list, a further paragraph of a footnote, or
 * more of an indented code block.
 */
function continuesBlock(
  line: string,
  indented: boolean,
  inList: boolean,
  inNote: boolean,
  lines: readonly string[],
): boolean {
  if (inNote) return indented;
  if (inList) return indented || listStart.test(line);
  return line.startsWith('    ') && lines[0]?.startsWith('    ') === true;
}

function closesFence(line: string, marker: string): boolean {
  const match = /^ {0,3}(`{3,}|~{3,})\s*$/.exec(line);
  return match?.[1] !== undefined && match[1].startsWith(marker);
}
