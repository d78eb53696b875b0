/**
 * Cuts Markdown into top-level blocks, so that a growing reply re-renders only its last block. Parsing a whole reply of
 * 50,000 tokens for every token would cost seconds each time.
 */

export interface MarkdownBlock {
  readonly text: string;
  /** Set for a fenced code block: the result of the parser, without parsing. */
  readonly fence: { readonly language: string; readonly code: string; readonly closed: boolean } | null;
}

const fenceStart = /^( {0,3})(`{3,}|~{3,})[ \t]*([^`\n]*)$/;
const listStart = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)/;
/** Definitions of links and footnotes apply across blocks. */
const definition = /^ {0,3}\[[^\]\n]+\]:/m;

/**
 * The blocks of `text` in order; joined by blank lines they mean the same as `text`. A cut depends only on the text
 * before it and on the line after it, so that appending changes at most the last two blocks.
 */
export function splitBlocks(text: string): readonly MarkdownBlock[] {
  if (definition.test(text)) return [{ text, fence: null }];

  const blocks: MarkdownBlock[] = [];
  let lines: string[] = [];
  let fence: { marker: string; language: string; indent: number } | null = null;
  let inList = false;
  let innerFence: string | null = null;
  let afterBlank = false;

  const flush = (): void => {
    while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop();
    if (lines.length > 0) blocks.push({ text: lines.join('\n'), fence: null });
    lines = [];
    inList = false;
    innerFence = null;
  };
  const flushFence = (closed: boolean): void => {
    if (!fence) return;
    const indent = new RegExp(`^ {0,${fence.indent}}`);
    const body = lines.slice(1, closed ? -1 : undefined);
    const code = (fence.indent === 0 ? body : body.map((line) => line.replace(indent, ''))).join('\n');
    blocks.push({ text: lines.join('\n'), fence: { language: fence.language, code, closed } });
    lines = [];
    fence = null;
  };

  for (const line of text.split('\n')) {
    if (fence) {
      lines.push(line);
      if (closesFence(line, fence.marker)) flushFence(true);
      continue;
    }
    if (innerFence !== null) {
      lines.push(line);
      if (closesFence(line.trimStart(), innerFence)) innerFence = null;
      continue;
    }
    if (line.trim() === '') {
      afterBlank = true;
      if (lines.length > 0) lines.push(line);
      continue;
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
      lines.push(line);
      afterBlank = false;
      continue;
    }
    if (afterBlank && !continuesBlock(line, indented, inList, lines)) flush();
    if (lines.length === 0) inList = listStart.test(line);
    if (inList) innerFence = /^\s*(?:[-*+]|\d{1,9}[.)])?\s*(`{3,}|~{3,})[^`]*$/.exec(line)?.[1] ?? null;
    lines.push(line);
    afterBlank = false;
  }
  if (fence) flushFence(false);
  else flush();
  return blocks;
}

/**
 * Whether a line after a blank one still belongs to the block: the next item or paragraph of a list, or more of an
 * indented code block.
 */
function continuesBlock(line: string, indented: boolean, inList: boolean, lines: readonly string[]): boolean {
  if (inList) return indented || listStart.test(line);
  return line.startsWith('    ') && lines[0]?.startsWith('    ') === true;
}

function closesFence(line: string, marker: string): boolean {
  const match = /^ {0,3}(`{3,}|~{3,})\s*$/.exec(line);
  return match?.[1] !== undefined && match[1].startsWith(marker);
}
