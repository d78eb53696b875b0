/** Strings: what a branch asks of them, as one automaton or as a number of characters. */
import {
  acceptsNothing,
  anyText,
  difference,
  intersection,
  lengthAutomaton,
  union,
  wordsAutomaton,
  type Automaton,
} from './automata/automaton.ts';
import { automatonSequence, jsonCharacters } from './automaton-rules.ts';
import { STRING, type Branch, type TextCondition } from './branch.ts';
import { createBudget, refusal, type Budget } from './budget.ts';
import { formatExpression } from './automata/formats.ts';
import { isPatternProblem } from './automata/pattern-syntax.ts';
import { patternAutomaton } from './automata/pattern.ts';
import type { Element, RuleBook, Sequence } from './rules.ts';

/** Above it, lengths are counted by halves: fewer rules, and a few ways through them open at a time. */
const MAX_CHAIN = 256;

export interface Texts {
  /** The strings that satisfy the patterns, formats and lengths of the branch. */
  conditionsOf(branch: Branch): Automaton;
  /** The strings that the branch allows. */
  automatonOf(branch: Branch): Automaton;
  /** The texts in which the pattern is found. */
  patternOf(pattern: string, place: string): Automaton;
  /** The strings that one of the branches allows. */
  anyOf(branches: readonly Branch[]): Automaton;
  /** The strings of the branch as JSON writes them; null when there are none. */
  sequenceOf(branch: Branch, hint: string): Sequence | null;
  /** The strings of an automaton as JSON writes them, and what follows. */
  written(automaton: Automaton, hint: string, after: Sequence): Sequence;
}

/** Formats do not change, so their automata are made once. */
const formats = new Map<string, Automaton>();

const quote: Element = { literal: '"' };

export function createTexts(book: RuleBook, budget: Budget): Texts {
  const patterns = new Map<string, Automaton>();
  const conditions = new Map<string, Automaton>();

  function patternOf(pattern: string, place: string): Automaton {
    const found = patterns.get(pattern);
    if (found) return found;
    budget.at('pattern', place);
    try {
      const made = patternAutomaton(pattern, budget);
      patterns.set(pattern, made);
      return made;
    } catch (error) {
      if (isPatternProblem(error)) throw refusal('pattern', place, error.problem);
      throw error;
    }
  }

  function conditionOf({ keyword, text, place }: TextCondition): Automaton {
    if (keyword === 'pattern') return patternOf(text, place);
    const found = formats.get(text);
    if (found) return found;
    const expression = formatExpression(text);
    if (expression === null || expression === undefined)
      throw refusal('format', place, `"${text.slice(0, 40)}" has no grammar`);
    const made = patternAutomaton(expression, createBudget());
    formats.set(text, made);
    return made;
  }

  function conditionsOf(branch: Branch): Automaton {
    const { minLength, maxLength } = branch;
    const key = JSON.stringify([branch.texts, minLength, maxLength]);
    const found = conditions.get(key);
    if (found) return found;
    let automaton = anyText;
    for (const text of branch.texts) {
      const condition = conditionOf(text);
      budget.at(text.keyword, text.place);
      automaton = text.negated ? difference(automaton, condition, budget) : intersection(automaton, condition, budget);
    }
    if (minLength > 0 || maxLength !== null) {
      budget.at(maxLength === null ? 'minLength' : 'maxLength', branch.place);
      budget.states(Math.max(minLength, maxLength ?? 0));
      automaton = intersection(automaton, lengthAutomaton(minLength, maxLength), budget);
    }
    conditions.set(key, automaton);
    return automaton;
  }

  function automatonOf(branch: Branch): Automaton {
    let automaton = conditionsOf(branch);
    budget.at('enum', branch.place);
    const allowed = branch.values?.filter((one) => typeof one === 'string');
    if (allowed) automaton = intersection(automaton, wordsAutomaton(allowed, budget), budget);
    const words = branch.except.filter((one) => typeof one === 'string');
    return words.length > 0 ? difference(automaton, wordsAutomaton(words, budget), budget) : automaton;
  }

  /** So many characters, exactly. */
  function exactly(count: number): Sequence {
    if (count <= 16) return Array.from({ length: count }, () => ({ rule: 'char' }));
    return [book.shared(`chars-${count}`, () => [[...exactly(count >> 1), ...exactly(count - (count >> 1))]])];
  }

  /** At most so many characters. */
  function upTo(count: number): Sequence {
    if (count > MAX_CHAIN) {
      const half = (count + 1) >> 1;
      const make = (): readonly Sequence[] => [[...exactly(half), ...upTo(count - half)], upTo(half - 1)];
      return [book.shared(`chars-up-to-${count}`, make)];
    }
    let sequence: Sequence = [];
    for (let length = 1; length <= count; length++) {
      const rest = sequence;
      sequence = [book.shared(`chars-up-to-${length}`, () => [[{ rule: 'char' }, ...rest], []])];
    }
    return sequence;
  }

  function written(automaton: Automaton, hint: string, after: Sequence): Sequence {
    const end = [quote, ...after];
    return [quote, ...automatonSequence(automaton, book, { hint, end, write: jsonCharacters })];
  }

  return {
    conditionsOf,
    automatonOf,
    patternOf,
    written,
    anyOf(branches) {
      const [first, ...others] = branches.filter(({ kinds }) => (kinds & STRING) !== 0).map(automatonOf);
      if (!first) return wordsAutomaton([], budget);
      return others.reduce((all, other) => union(all, other, budget), first);
    },
    sequenceOf(branch, hint) {
      const { minLength, maxLength } = branch;
      const isPlain = branch.texts.length === 0 && !branch.except.some((one) => typeof one === 'string');
      if (isPlain && minLength === 0 && maxLength === null) return [{ rule: 'string' }];
      if (isPlain && maxLength === null) return [quote, ...exactly(minLength), { rule: 'chars' }, quote];
      if (isPlain) return [quote, ...exactly(minLength), ...upTo((maxLength ?? minLength) - minLength), quote];
      const automaton = automatonOf(branch);
      return acceptsNothing(automaton) ? null : written(automaton, hint, []);
    },
  };
}
