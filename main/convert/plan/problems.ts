/** What is wrong with the tensors of a checkpoint, gathered so that a refusal names all of it. */
import type { AppError } from '../../../preload/wire/errors.ts';
import { shownName } from '../../base/foreign-text.ts';
import { invalidCheckpoint } from '../../model-file/checkpoint-error.ts';

export interface TensorProblem {
  readonly reason: 'missing_tensor' | 'unexpected_tensor' | 'wrong_shape' | 'wrong_dtype' | 'duplicate_tensor';
  /** Its name in the checkpoint. */
  readonly tensor: string;
  readonly file?: string;
  readonly expected?: string;
  readonly found?: string;
}

/** Problems that a refusal names one by one; the others are counted. */
const NAMED = 20;
/** Problems after which nothing more is looked at: a config.json can ask for hundreds of thousands of tensors. */
const MOST = 1000;

export interface Problems {
  readonly count: number;
  /** Whether there are so many that the rest is not worth the time. */
  readonly areMany: boolean;
  add(problem: TensorProblem): void;
  /** @throws AppError `convert.invalid` about all problems, where there is one; its facts are those of the first. */
  assertNone(): void;
}

export function createProblems(): Problems {
  const named: TensorProblem[] = [];
  let count = 0;
  return {
    get count() {
      return count;
    },
    get areMany() {
      return count >= MOST;
    },
    add(problem) {
      count += 1;
      if (named.length < NAMED) named.push(problem);
    },
    assertNone() {
      const [first] = named;
      if (first !== undefined) throw refusal(first, named, count);
    },
  };
}

function refusal(first: TensorProblem, named: readonly TensorProblem[], count: number): AppError {
  const others = count - named.length;
  const lines = [
    ...named.map(sentence),
    ...(others > 0 ? [`${count < MOST ? '' : 'At least '}${String(others)} more tensors are wrong.`] : []),
  ];
  return invalidCheckpoint({ ...first, count, detail: lines.join('\n') });
}

function sentence({ reason, tensor, file, expected, found }: TensorProblem): string {
  const name = `The tensor ${shownName(tensor)}${file === undefined ? '' : ` of ${shownName(file)}`}`;
  switch (reason) {
    case 'missing_tensor':
      return `${name} is missing; it would be ${expected ?? ''}.`;
    case 'unexpected_tensor':
      return `${name} (${found ?? ''}) has no place in this architecture.`;
    case 'wrong_shape':
      return `${name} is ${found ?? ''}; config.json implies ${expected ?? ''}.`;
    case 'wrong_dtype':
      return `${name} is stored as ${found ?? ''}; weights are ${expected ?? ''}.`;
    case 'duplicate_tensor':
      return `${name} is there a second time, as ${shownName(found ?? '')}.`;
    default:
      return reason satisfies never;
  }
}

/** A shape in words, the slowest dimension first: `48 x 32`. */
export const shownShape = (shape: readonly number[]): string => (shape.length === 0 ? 'one value' : shape.join(' x '));
