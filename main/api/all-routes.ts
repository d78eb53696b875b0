/** The endpoints of all dialects. */
import { openaiRoutes } from './openai/openai.ts';
import type { AnyRoute } from './route.ts';

export const allRoutes: readonly AnyRoute[] = [...openaiRoutes];
