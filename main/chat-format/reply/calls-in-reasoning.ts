/** Tool calls at the end of reasoning that has no end: a model that calls in the midst of its thoughts. */
import { callForms } from './call-forms.ts';
import { heldBack } from './held-back.ts';
import type { ReasoningSplit, ReasoningSplitter } from './reasoning-split.ts';
import type { KnownTool } from './tagged-calls.ts';
import { createMarkFinder, createToolCallSplitter, type ToolCallSplitter, type ToolPiece } from './tool-calls.ts';

/** Marks of calls that no other text has. */
const forms = callForms.filter(({ isCommon }) => !isCommon);
const findForm = createMarkFinder(forms);
/** A mark that no name of a tool follows within so many letters begins no call. */
const NAME_WITHIN = 400;
/** Letters that may be read as calls in vain, in one reply. */
const MAX_TRIED = 1_000_000;

const isCall = ({ kind }: ToolPiece): boolean => kind === 'call';

/**
 * The splitter, with reasoning that never ends and has calls of these tools at its end: these are content. From a call's mark on, reasoning
 * is held back until it turns out to be none: other text follows, or the end of the reasoning. `tools` null takes any name.
 */
export function withCallsInReasoning(
  splitter: ReasoningSplitter,
  tools: readonly KnownTool[] | null,
): ReasoningSplitter {
  /** Reasoning that is not given yet. From `at` on it may be calls, which `reader` reads; null before a mark. */
  let held = '';
  let at = 0;
  let reader: ToolCallSplitter | null = null;
  /** What `reader` has not read of it yet begins there. */
  let readTo = 0;
  let calls = 0;
  let hasName = false;
  let tried = 0;

  const namesTool = (text: string): boolean => tools?.some(({ name }) => text.includes(name)) ?? true;

  /** Reasoning that is sure to be none. */
  function given(atEnd: boolean): string {
    for (;;) {
      if (!reader) {
        const found = tried > MAX_TRIED ? null : findForm(held.slice(at));
        if (!found) {
          const kept = atEnd || tried > MAX_TRIED ? 0 : Math.max(0, ...forms.map(({ open }) => heldBack(held, open)));
          return release(kept === 0 ? held.length : held.slice(0, held.length - kept).trimEnd().length);
        }
        at += found.at;
        [readTo, calls, hasName] = [at, 0, tools === null];
        reader = createToolCallSplitter(tools);
      }
      const next = held.slice(readTo);
      tried += next.length;
      const pieces = reader.push(next);
      readTo = held.length;
      hasName ||= namesTool(held.slice(at, at + NAME_WITHIN));
      if (atEnd) pieces.push(...reader.end());
      calls += pieces.length;
      const mayBeCalls = hasName ? !atEnd || calls > 0 : !atEnd && held.length - at < NAME_WITHIN;
      // The white space before a call goes with it.
      if (mayBeCalls && pieces.every(isCall)) return release(held.slice(0, at).trimEnd().length);
      reader = null;
      at++;
    }
  }

  function release(length: number): string {
    const text = held.slice(0, length);
    held = held.slice(length);
    [at, readTo] = [Math.max(0, at - length), Math.max(0, readTo - length)];
    return text;
  }

  function take(split: ReasoningSplit): ReasoningSplit {
    held += split.reasoning;
    const goesOn = splitter.inReasoning() && split.content === '' && split.contentWasReasoning !== true;
    if (goesOn) return { ...split, reasoning: given(false) };
    reader = null;
    at = 0;
    return { ...split, reasoning: release(held.length) };
  }

  return {
    push: (text) => take(splitter.push(text)),
    end() {
      const isOpen = splitter.inReasoning();
      const last = splitter.end();
      if (!isOpen || last.content !== '') return take(last);
      held += last.reasoning;
      const reasoning = given(true);
      return { ...last, reasoning, content: held.trimStart() };
    },
    inReasoning: splitter.inReasoning,
  };
}
