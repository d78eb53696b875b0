/**
 * Maths in Markdown as models write it, as an extension of micromark: `$x$`, `$$x$$`, `\(x\)` and `\[x\]` within one paragraph. A dollar
 * is mostly money, so `$` opens maths by the rules of Pandoc: no space after the first one, none before the last one, and no digit after
 * that. Three more: no capital letter after it (`$HOME:$PATH`), no line break, and a dollar in between that cannot end it ends the attempt.
 */
import type { Extension as FromMarkdown } from 'mdast-util-from-markdown';
import { markdownLineEnding } from 'micromark-util-character';
import type { Code, Construct, Effects, Extension, State, TokenizeContext } from 'micromark-util-types';
import type { Processor } from 'unified';

declare module 'micromark-util-types' {
  interface TokenTypeMap {
    maths: 'maths';
    mathsText: 'mathsText';
  }
}
declare module 'mdast' {
  interface PhrasingContentMap {
    maths: { type: 'maths'; value: string; data?: object };
  }
  interface RootContentMap {
    maths: { type: 'maths'; value: string; data?: object };
  }
}

const DOLLAR = 36;
const BACKSLASH = 92;
const OPENINGS: Readonly<Record<number, number>> = { 40: 41, 91: 93 };

const isSpace = (code: Code): boolean => code === null || code < 0 || code === 32 || code === 160;
/** What stands after a dollar that cannot be the last one of a formula. */
const isMoneyOrName = (code: Code): boolean =>
  code !== null && ((code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || code === 123);

/** Consumes one character of a formula; a line ending is a token of its own. */
function consume(effects: Effects, code: Code): void {
  if (!markdownLineEnding(code)) return void effects.consume(code);
  effects.exit('mathsText');
  effects.enter('lineEnding');
  effects.consume(code);
  effects.exit('lineEnding');
  effects.enter('mathsText');
}

function finish(effects: Effects, ok: State): State {
  effects.exit('mathsText');
  effects.exit('maths');
  return ok;
}

function tokenizeDollars(this: TokenizeContext, effects: Effects, ok: State, nok: State): State {
  let before: Code = null;
  const start: State = (code) => {
    effects.enter('maths');
    effects.enter('mathsText');
    effects.consume(code);
    return second;
  };
  const second: State = (code) => {
    if (code === DOLLAR) {
      effects.consume(code);
      return firstOfTwo;
    }
    return isSpace(code) ? nok(code) : single(code);
  };
  const single: State = (code) => {
    if (code === null || markdownLineEnding(code)) return nok(code);
    if (code === DOLLAR && before !== BACKSLASH) {
      if (isSpace(before)) return nok(code);
      effects.consume(code);
      return afterSingle;
    }
    before = before === BACKSLASH && code === BACKSLASH ? null : code;
    effects.consume(code);
    return single;
  };
  const afterSingle: State = (code) => (isMoneyOrName(code) ? nok(code) : finish(effects, ok)(code));
  const firstOfTwo: State = (code) => (code === DOLLAR ? nok(code) : double(code));
  const double: State = (code) => {
    if (code === null) return nok(code);
    const closes = code === DOLLAR && before === DOLLAR;
    before = before === BACKSLASH ? null : code;
    consume(effects, code);
    return closes ? finish(effects, ok) : double;
  };
  return start;
}

function tokenizeBrackets(this: TokenizeContext, effects: Effects, ok: State, nok: State): State {
  let opening = 0;
  let afterBackslash = false;
  const start: State = (code) => {
    effects.enter('maths');
    effects.enter('mathsText');
    effects.consume(code);
    return bracket;
  };
  const bracket: State = (code) => {
    if (code === null || OPENINGS[code] === undefined) return nok(code);
    opening = code;
    effects.consume(code);
    return inside;
  };
  const inside: State = (code) => {
    // A further opening is none of TeX: the first one was a bracket with a backslash. So each is read once.
    if (code === null || (afterBackslash && code === opening)) return nok(code);
    const closes = afterBackslash && code === OPENINGS[opening];
    afterBackslash = code === BACKSLASH && !afterBackslash;
    consume(effects, code);
    return closes ? finish(effects, ok) : inside;
  };
  return start;
}

const dollars: Construct = { name: 'mathsInDollars', tokenize: tokenizeDollars };
const brackets: Construct = { name: 'mathsInBrackets', tokenize: tokenizeBrackets };

const syntax: Extension = { text: { [DOLLAR]: dollars, [BACKSLASH]: brackets } };

/** The formula without its marks, and whether it stands on lines of its own. */
export function formulaOf(written: string): { readonly tex: string; readonly display: boolean } {
  const marks = written.startsWith('$') && !written.startsWith('$$') ? 1 : 2;
  return {
    tex: written.slice(marks, -marks).trim(),
    display: written.startsWith('$$') || written.startsWith('\\['),
  };
}

const tree: FromMarkdown = {
  enter: {
    maths(token) {
      const value = this.sliceSerialize(token);
      const { tex, display } = formulaOf(value);
      const data = {
        hName: 'code',
        hProperties: { dataTex: display ? 'display' : 'inline' },
        hChildren: [{ type: 'text', value: tex }],
      };
      this.enter({ type: 'maths', value, data }, token);
    },
  },
  exit: {
    maths(token) {
      this.exit(token);
    },
  },
};

/** A plugin of remark: formulas become nodes `maths`, which become `code` elements with `data-tex`. */
export function remarkMaths(this: Processor): void {
  const data = this.data() as { micromarkExtensions?: Extension[]; fromMarkdownExtensions?: FromMarkdown[] };
  (data.micromarkExtensions ??= []).push(syntax);
  (data.fromMarkdownExtensions ??= []).push(tree);
}
