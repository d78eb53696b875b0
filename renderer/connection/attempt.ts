/** Calls of buttons that show no result of their own. A failure is shown in a toast. */
import { isAppError } from '../../preload/wire/errors.ts';
import { client } from './api.ts';
import { toAppError, type AnyCall, type CallInput, type CallOutput } from './live.ts';
import { toast } from '../ui/layers/toast.ts';
import { wordsFor } from '../words/error-words.ts';

/**
 * Never rejects. After a failure it shows a toast and resolves with `undefined`; a canceled call resolves without a
 * toast.
 */
export async function attempt<R extends AnyCall>(route: R, input: CallInput<R>): Promise<CallOutput<R> | undefined> {
  try {
    return await client.call(route, input);
  } catch (cause) {
    if (isAppError(cause, 'cancelled')) return undefined;
    const { title, text } = wordsFor(toAppError(cause));
    toast({ text: title, detail: text, tone: 'red' });
    return undefined;
  }
}
