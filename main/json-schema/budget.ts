/** Refusals that name their keyword, and the limits that keep hostile schemas short. */
import { AppError } from '../../preload/wire/errors.ts';

/** Steps of one compilation: about 150 ms. Schemas of programs take up to 20,000. */
const MAX_STEPS = 300_000;
/** States of one automaton while it is made. */
const MAX_STATES = 12_000;

export interface Budget {
  /** The keyword and place that are worked on: what a limit names. */
  at(keyword: string, place: string): void;
  /** @throws AppError `invalid_input` when all steps are spent. */
  spend(steps: number): void;
  /** @throws AppError `invalid_input` for an automaton of more states than allowed. */
  states(count: number): void;
}

export function createBudget(): Budget {
  let left = MAX_STEPS;
  let now = { keyword: '', place: '' };
  return {
    at(keyword, place) {
      now = { keyword, place };
    },
    spend(steps) {
      left -= steps;
      if (left < 0) throw refusal(now.keyword, now.place, 'the schema takes too many steps to become a grammar');
    },
    states(count) {
      if (count > MAX_STATES)
        throw refusal(now.keyword, now.place, `it takes more than ${MAX_STATES} states to become a grammar`);
    },
  };
}

/** The refusal of a schema: `keyword` at `place` (a JSON pointer) cannot be held, and why. */
export function refusal(keyword: string, place: string, why: string): AppError {
  const where = place === '' ? '' : ` at ${place.slice(0, 200)}`;
  return new AppError('invalid_input', `The keyword "${keyword}"${where} cannot be held: ${why}.`, {
    reason: 'schema_keyword',
    field: 'grammar',
    keyword,
    place,
  });
}

/** Whether `error` is such a refusal. */
export function isRefusal(error: unknown): error is AppError {
  return error instanceof AppError && error.data?.['reason'] === 'schema_keyword';
}
