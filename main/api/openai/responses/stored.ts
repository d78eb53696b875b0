/** Responses that are kept, so that later ones go on from them. */
import { AppError } from '../../../../preload/wire/errors.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { Services } from '../../services.ts';
import { itemId, responseOfItem } from './output.ts';
import type { InputItem, StoredItem } from './items.ts';

/** A response with what was asked. */
export interface StoredResponse {
  readonly response: { readonly id: string; readonly output: readonly unknown[]; readonly [field: string]: unknown };
  readonly input: readonly StoredItem[];
  readonly previousId: string | null;
}

/** A longer one is not kept: a few of those would fill the disk. In characters of JSON. */
export const MOST_KEPT_CHARS = 4_000_000;
/** Responses that one may go on from, one behind the other. */
const MOST_BEHIND = 1000;

const idPrefixes: Readonly<Record<InputItem['type'], string>> = {
  ...{ message: 'msg', reasoning: 'rs', function_call: 'fc', function_call_output: 'fco' },
  ...{ custom_tool_call: 'ctc', custom_tool_call_output: 'ctco', web_search_call: 'ws', file_search_call: 'fs' },
  ...{ code_interpreter_call: 'ci', image_generation_call: 'ig', tool_search_call: 'tsc', tool_search_output: 'tso' },
};
export const withIds = (items: readonly InputItem[]): readonly StoredItem[] =>
  items.map((item) => ({ ...item, id: item.id ?? itemId(idPrefixes[item.type]) }));

/** @throws AppError `not_found` for an id that is not kept, or that another key has. */
export function storedResponse(
  { caller }: Pick<Exchange, 'caller'>,
  services: Pick<Services, 'responses'>,
  id: string,
  field: string | null = null,
): StoredResponse {
  const found = services.responses.find(id, caller?.id ?? null) as StoredResponse | undefined;
  if (found) return found;
  throw new AppError(
    'not_found',
    `There is no response "${id.slice(0, 100)}" here: it was not stored, was deleted, or is too old.`,
    field === null ? {} : { field },
  );
}

/** The item of an answer that the request refers to at a place of its input. @throws AppError `not_found`. */
export function storedItem(
  exchange: Pick<Exchange, 'caller'>,
  services: Pick<Services, 'responses'>,
  id: string,
  at: number,
): InputItem {
  const responseId = responseOfItem(id);
  const kept = responseId === undefined ? undefined : services.responses.find(responseId, exchange.caller?.id ?? null);
  const output = (kept as StoredResponse | undefined)?.response.output as readonly StoredItem[] | undefined;
  const item = output?.find((one) => one.id === id);
  if (item) return item;
  throw new AppError(
    'not_found',
    `There is no item "${id.slice(0, 100)}" here: its response was not stored, was deleted, or is too old. Send the item itself.`,
    { field: `input.${at}.id` },
  );
}

/** The items of all responses up to this one, oldest first. @throws AppError `not_found`. */
export function itemsUpTo(
  exchange: Pick<Exchange, 'caller'>,
  services: Pick<Services, 'responses'>,
  id: string | null,
): readonly InputItem[] {
  const turns: (readonly InputItem[])[] = [];
  for (let next = id; next !== null;) {
    if (turns.length >= MOST_BEHIND)
      throw new AppError('invalid_input', `At most ${MOST_BEHIND} responses go on from each other.`, {
        field: 'previous_response_id',
      });
    const { input, response, previousId } = storedResponse(exchange, services, next, 'previous_response_id');
    turns.push([...input, ...(response.output as readonly InputItem[])]);
    next = previousId;
  }
  return turns.toReversed().flat();
}
