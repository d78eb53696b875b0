/** Texts that programs may send as tokens. */
import { z } from 'zod';

/** Ids of tokens. Which of them a vocabulary has is checked by the model. */
export const tokenIdsSchema = z.array(z.int().min(0).max(4_294_967_295)).min(1).max(1_000_000);
