/** What blocks of a message say for others: the addresses of links that are named, and footnotes. */
import { labelOf, type MarkdownBlock } from './markdown-blocks.ts';

/** A message with more definitions than this is hostile, or is no message. */
const MAX_DEFINITIONS = 500;

interface Said {
  /** Definitions of links: a label and its line. */
  readonly links: readonly (readonly [string, string])[];
  /** The labels in brackets, and those of footnotes, in the order of the text. */
  readonly named: readonly string[];
  readonly noted: readonly string[];
}

export interface References {
  readonly links: ReadonlyMap<string, string>;
  /** The footnotes that the text refers to, in the order in which it does; their numbers are the places. */
  readonly notes: readonly { readonly label: string; readonly block: MarkdownBlock }[];
}

/** Blocks that did not change are the same objects. */
const saidBy = new WeakMap<MarkdownBlock, Said>();

const linkDefinition = /^ {0,3}\[(?!\^)([^\][\n]{1,200})\]:[ \t]*\S[^\n]*$/gm;
const inBrackets = /\[([^\][\n]{1,200})\]/g;

function saidOf(block: MarkdownBlock): Said {
  const known = saidBy.get(block);
  if (known) return known;
  const isText = block.fence === null && block.text.includes('[');
  const labels = isText ? [...block.text.matchAll(inBrackets)].map(([, label]) => label ?? '') : [];
  const said: Said = {
    links: isText ? [...block.text.matchAll(linkDefinition)].map(([line, label]) => [labelOf(label ?? ''), line]) : [],
    named: labels.filter((label) => !label.startsWith('^')).map(labelOf),
    noted: labels.filter((label) => label.startsWith('^')).map((label) => labelOf(label.slice(1))),
  };
  saidBy.set(block, said);
  return said;
}

export function referencesOf(blocks: readonly MarkdownBlock[]): References {
  const links = new Map<string, string>();
  const defined = new Map<string, MarkdownBlock>();
  for (const block of blocks) {
    if (block.note !== null && !defined.has(block.note) && defined.size < MAX_DEFINITIONS)
      defined.set(block.note, block);
    for (const [label, line] of saidOf(block).links)
      if (!links.has(label) && links.size < MAX_DEFINITIONS) links.set(label, line);
  }
  const notes = new Map<string, MarkdownBlock>();
  if (defined.size > 0) {
    for (const block of blocks) {
      if (block.note !== null) continue;
      for (const label of saidOf(block).noted) {
        const note = defined.get(label);
        if (note) notes.set(label, note);
      }
    }
  }
  return { links, notes: [...notes].map(([label, block]) => ({ label, block })) };
}

/** The text of a block with the definitions that it needs of other blocks. */
export function withDefinitions(block: MarkdownBlock, { links, notes }: References): string {
  if (links.size === 0 && notes.length === 0) return block.text;
  const { named, noted, links: own } = saidOf(block);
  const lines = new Set<string>();
  for (const label of named) {
    const line = links.get(label);
    if (line !== undefined && !own.some(([mine]) => mine === label)) lines.add(line);
  }
  // What the note says is shown below the message; here it only has to be known that there is one.
  for (const label of noted) if (notes.some((note) => note.label === label)) lines.add(`[^${label}]: .`);
  return lines.size === 0 ? block.text : `${block.text}\n\n${[...lines].join('\n\n')}`;
}

/** The text of a footnote, without its label and its indentation. */
export function noteText({ text }: MarkdownBlock): string {
  return text
    .replace(/^ {0,3}\[\^[^\]\s]+\]:[ \t]*/, '')
    .split('\n')
    .map((line) => line.replace(/^(?: {1,4}|\t)/, ''))
    .join('\n');
}
