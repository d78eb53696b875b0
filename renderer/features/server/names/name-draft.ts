/** What is typed in the form of a name, and whether it can be saved. */
import type { Sampling } from '../../../../preload/contract/chat.ts';
import type { ModelName } from '../../../../preload/contract/server.ts';
import { differs } from '../../../parts/sampling/sampling-differences.ts';
import { words } from '../../../words/words.ts';

/** The contract's rule, which the page cannot import without zod. */
const nameForm = /^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,199}$/;

export type NameProblems = { readonly name?: string; readonly modelId?: string };

/** Whether a name that was changed is another entry, and the old one has to go: a name is its own id, in upper or lower case. */
export const isOtherName = (before: string, after: string): boolean => before.toLowerCase() !== after.toLowerCase();

/** Null where a field is right. `others` are the names that are there beside this one. */
export function nameProblems({ name, modelId }: ModelName, others: readonly string[]): NameProblems {
  const { names } = words.server;
  const wrong =
    name === ''
      ? names.nameEmpty
      : !nameForm.test(name)
        ? names.nameWrong
        : others.some((other) => !isOtherName(other, name))
          ? names.nameTaken
          : null;
  return { ...(wrong === null ? {} : { name: wrong }), ...(modelId === '' ? { modelId: names.noModel } : {}) };
}

/** The fields of a sampling that a preset sets: those that are not the defaults. */
export function ownSampling(sampling: Sampling, defaults: Sampling): ModelName['sampling'] {
  const names = Object.keys(sampling) as readonly (keyof Sampling)[];
  return Object.fromEntries(
    names.filter((key) => differs(sampling, defaults, key)).map((key) => [key, sampling[key]]),
  ) as ModelName['sampling'];
}

/** A name that changes nothing about its model. */
export const isAlias = ({ systemPrompt, template, sampling, messages }: ModelName): boolean =>
  systemPrompt === null && template === null && Object.keys(sampling).length === 0 && messages.length === 0;
