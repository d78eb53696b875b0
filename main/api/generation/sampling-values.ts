/**
 * Values of sampling that programs of every dialect send further than the engine takes them, and the values that stand for them. They have
 * the bounds of the dialects, since a request that works elsewhere must not be refused for one of them.
 */
import { z } from 'zod';
import { MOST_STOP_TEXTS } from '../../../preload/contract/chat.ts';

const SEEDS = 2 ** 32;
const LARGEST_SEED = 2 ** 63;

/**
 * A seed. OpenAI's and Ollama's have 64 bits, of which the engine takes the lower 32, as llama.cpp does; so a negative one is a seed like
 * any other. -1 stays: it asks for a random one in llama.cpp's servers.
 */
export const seedSchema = z
  .number()
  .refine((seed) => Number.isInteger(seed) && Math.abs(seed) <= LARGEST_SEED, 'expected a whole number of 64 bits')
  .transform((seed) => (seed === -1 ? -1 : ((seed % SEEDS) + SEEDS) % SEEDS));

const MOST_TOKENS = 1000;

/**
 * The number of tokens to choose among. 0 and less is no limit, and so is more than the engine takes: behind the first thousand tokens there
 * is hardly any weight.
 */
export const topKSchema = z
  .int()
  .min(-1)
  .max(2_147_483_647)
  .transform((count) => (count > MOST_TOKENS ? 0 : Math.max(0, count)));

const stopText = z.string().max(500);
/** Texts that end a reply. An empty one ends none, as in llama.cpp's servers: programs send the field of their settings as it is. */
export const stopSchema = z
  .union([stopText, z.array(stopText).max(MOST_STOP_TEXTS)])
  .transform((stop) => (typeof stop === 'string' ? [stop] : stop).filter((text) => text !== ''));
