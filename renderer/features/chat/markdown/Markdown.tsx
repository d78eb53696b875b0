/** Markdown of a model or a person. It is untrusted: no raw HTML, no fetched content, and links only to the web, through a question. */
import { Component, memo, useDeferredValue, useEffect, useId, useMemo, useRef, useState, type ReactNode } from 'react';
import { words } from '../../../words/words.ts';
import { CodeBlock } from './code/CodeBlock.tsx';
import { createSplitter, type MarkdownBlock } from './markdown-blocks.ts';
import { withFormulasInLines } from './maths-lines.ts';
import { NoteNumbers, noteId, referenceId } from './note-numbers.ts';
import { Parsed } from './Parsed.tsx';
import { noteText, referencesOf, withDefinitions, type References } from './references.ts';
import { withOpenMarksClosed } from './open-marks.ts';
import './markdown.css';

/** Replies with more blocks than this show their end first, and the rest when the page is idle. */
const DEFER_ABOVE_BLOCKS = 120;
/** A longer block, as a line of a megabyte, is shown as plain text: parsing it would keep the page busy for seconds. */
const MAX_PARSED_CHARS = 40_000;
/** Marks of Markdown and TeX cost more than letters: the parser tries each of them. No text of a person has so many in one paragraph. */
const MAX_MARKS = 4_000;
/** What is behind so many blocks is plain text. */
const MAX_BLOCKS = 2_000;
/** Deeper quotes and lists are hostile: each level is a call of the parser and of the browser's layout. */
const tooDeep = /^(?:[ \t]*(?:>|[-*+]|\d{1,9}[.)])){40}|^[ \t]{160}/m;

interface TextProps {
  readonly text: string;
  /** More text will follow. */
  readonly live?: boolean;
  /** A person typed it: lists and code are formatted, and everything else is as it was typed. */
  readonly typed?: boolean;
}

/** One block. While it is written, parsing takes at most a tenth of the time: a long block is parsed less often. */
const Block = memo(function Block({ text, live, typed }: Required<TextProps>) {
  const shown = useThrottled(text, live ? text.length / 40 : 0);
  const isTooLong = shown.length > MAX_PARSED_CHARS;
  const prepared = useMemo(() => {
    if (isTooLong || tooDeep.test(shown) || hasTooManyMarks(shown)) return null;
    return typed ? shown : withOpenMarksClosed(withFormulasInLines(shown, live), live);
  }, [shown, live, typed, isTooLong]);
  if (isTooLong) return <PlainText text={shown} note={words.markdown.tooLong(shown.length)} />;
  const plain = <PlainText text={shown} />;
  if (prepared === null) return plain;
  return (
    <IfParsed text={prepared} fallback={plain}>
      <Parsed text={prepared} typed={typed} />
    </IfParsed>
  );
});

function hasTooManyMarks(text: string): boolean {
  return text.length > MAX_MARKS && text.replaceAll(/[^$*_`[\]\\~<>!&]+/g, '').length > MAX_MARKS;
}

/** Text that the parser cannot take, as what is nested without end, is shown as it is. */
class IfParsed extends Component<{ text: string; fallback: ReactNode; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }
  override componentDidUpdate({ text }: { text: string }): void {
    if (this.state.failed && text !== this.props.text) this.setState({ failed: false });
  }
  override render(): ReactNode {
    return this.state.failed ? this.props.fallback : this.props.children;
  }
}

/** Pieces of this length have their own lines: one line of a megabyte is slow to break. */
const PLAIN_PIECE = 10_000;

function PlainText({ text, note }: { text: string; note?: string }): React.JSX.Element {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += PLAIN_PIECE) pieces.push(text.slice(at, at + PLAIN_PIECE));
  return (
    <div className="chat-md-plain">
      {pieces.map((piece, index) => (
        <span key={index} className="chat-md-piece">
          {piece}
        </span>
      ))}
      {note === undefined ? null : <p className="chat-md-note">{note}</p>}
    </div>
  );
}

/** `value`, changing at most every `intervalMs`; immediately when that is 16 ms or less. */
function useThrottled(value: string, intervalMs: number): string {
  const [shown, setShown] = useState(value);
  const shownAt = useRef(0);
  const throttled = intervalMs > 16;
  useEffect(() => {
    if (!throttled) return;
    const wait = Math.max(0, shownAt.current + intervalMs - performance.now());
    const timer = setTimeout(() => {
      shownAt.current = performance.now();
      setShown(value);
    }, wait);
    return () => clearTimeout(timer);
  }, [value, throttled, intervalMs]);
  return throttled ? shown : value;
}

/** The text as Markdown. Finished blocks are parsed once. */
export const Markdown = memo(function Markdown({ text, live = false, typed = false }: TextProps) {
  const [split] = useState(createSplitter);
  const blocks = useMemo(() => split(text), [split, text]);
  // What is behind the last parsed block is plain text, which defines nothing.
  const references = useMemo(() => referencesOf(blocks.slice(0, MAX_BLOCKS)), [blocks]);
  const id = useId();
  // The same object while the numbers are the same, so that no block is rendered for a new token.
  const order = references.notes.map(({ label }) => label).join('\n');
  const numbers = useMemo(
    () => ({ id, of: new Map(order === '' ? [] : order.split('\n').map((label, index) => [label, index + 1])) }),
    [id, order],
  );
  const first = blocks.length > DEFER_ABOVE_BLOCKS ? blocks.length - 40 : 0;
  // A long reply shows its end at once when it is opened; the beginning follows without blocking the page.
  const from = useDeferredValue(0, first);
  const rest = blocks[MAX_BLOCKS];
  return (
    <NoteNumbers value={numbers}>
      <div className="chat-md" dir="auto" data-typed={typed || undefined}>
        {blocks.slice(0, MAX_BLOCKS).map((block, index) => {
          if (index < from || isOnlyNote(block, numbers.of)) return null;
          // The last two, because an incomplete line may still join the block before it.
          const isLive = live && index >= blocks.length - 2;
          if (block.fence)
            return (
              <CodeBlock
                key={index}
                language={block.fence.language}
                code={block.fence.code}
                live={isLive && !block.fence.closed}
              />
            );
          return <Block key={index} text={withDefinitions(block, references)} live={isLive} typed={typed} />;
        })}
        {rest ? (
          <PlainText text={text.slice(rest.start)} note={words.markdown.tooLong(text.length - rest.start)} />
        ) : null}
        {references.notes.length === 0 ? null : <Notes notes={references.notes} typed={typed} />}
      </div>
    </NoteNumbers>
  );
});

/** Footnotes that nothing refers to are shown where they stand, so that no text is lost. */
function isOnlyNote({ note }: MarkdownBlock, numbers: ReadonlyMap<string, number>): boolean {
  return note !== null && numbers.has(note);
}

function Notes({ notes, typed }: { notes: References['notes']; typed: boolean }): React.JSX.Element {
  return (
    <section className="chat-footnotes" aria-label={words.markdown.notes}>
      <NoteNumbers.Consumer>
        {({ id }) => (
          <ol>
            {notes.map(({ label, block }, index) => (
              <li key={label} id={noteId(id, index + 1)} tabIndex={-1}>
                <Block text={noteText(block)} live={false} typed={typed} />
                <button
                  type="button"
                  className="chat-note-back"
                  aria-label={words.markdown.backTo(index + 1)}
                  onClick={() => document.getElementById(referenceId(id, index + 1))?.focus()}
                >
                  ↩
                </button>
              </li>
            ))}
          </ol>
        )}
      </NoteNumbers.Consumer>
    </section>
  );
}
