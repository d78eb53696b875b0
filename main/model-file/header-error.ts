/** Errors about a file's header. Their names and facts are the file's own text, which is cut and made safe here. */
import { AppError } from '../../preload/wire/errors.ts';
import { shownName, withoutMarks } from '../base/foreign-text.ts';

/** Sentences are shorter; this is the limit for one whose names were not cut. */
const MESSAGE_CHARS = 1000;

export function headerError(
  code: 'model.corrupt' | 'model.unsupported',
  message: string,
  facts: Readonly<Record<string, string | number | null>>,
): AppError {
  const shown: Record<string, string | number | null> = {};
  for (const [name, fact] of Object.entries(facts)) shown[name] = typeof fact === 'string' ? shownName(fact) : fact;
  return new AppError(code, withoutMarks(message.slice(0, MESSAGE_CHARS)), shown);
}
