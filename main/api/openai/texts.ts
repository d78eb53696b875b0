/** Texts of a request, which programs may send as tokens. */
import { z } from 'zod';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { openOrder } from '../generation/generation.ts';
import type { Exchange } from '../http/exchange.ts';
import type { NamedModel } from '../names/names.ts';
import type { Services } from '../services.ts';

/** Ids of tokens. Which of them a vocabulary has is checked by the model. */
export const tokenIdsSchema = z.array(z.int().min(0).max(4_294_967_295)).min(1).max(1_000_000);

export type TextOrIds = string | readonly number[];

/** One text or its tokens stand for a list of one. */
export function listOf(input: TextOrIds | readonly TextOrIds[]): readonly TextOrIds[] {
  if (typeof input === 'string') return [input];
  return typeof input[0] === 'number' ? [input as readonly number[]] : (input as readonly TextOrIds[]);
}

/** The texts, in order. @throws AppError `invalid_input` that names the field for ids that are no tokens of the model; model.*, engine.*. */
export async function textsOf(
  exchange: Pick<Exchange, 'client' | 'signal'>,
  services: Services,
  model: NamedModel,
  { field, inputs, keepMs }: { field: string; inputs: readonly TextOrIds[]; keepMs: number | null | undefined },
): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const input of inputs)
    try {
      const order = openOrder(exchange, services, keepMs);
      texts.push(typeof input === 'string' ? input : await services.inference.detokenize(model.modelId, input, order));
    } catch (error) {
      throw isAppError(error, 'invalid_input') ? new AppError(error.code, error.message, { field }) : error;
    }
  return texts;
}
