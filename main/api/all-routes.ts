/** The endpoints of all dialects. */
import { anthropicRoutes } from './anthropic/anthropic.ts';
import { openaiRoutes } from './openai/openai.ts';
import { openApiRoutes } from './openapi/openapi.ts';
import type { AnyRoute } from './route.ts';

const dialects: readonly AnyRoute[] = [...openaiRoutes, ...anthropicRoutes];

export const allRoutes: readonly AnyRoute[] = [...dialects, ...openApiRoutes(dialects)];
