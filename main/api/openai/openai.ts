/** OpenAI's dialect: https://platform.openai.com/docs/api-reference. Each endpoint is there with and without `/v1`, as in llama-server. */
import type { AnyRoute } from '../route.ts';
import { chatRoute } from './chat.ts';
import { modelRoute, modelsRoute } from './models.ts';

const withoutVersion = (route: AnyRoute): readonly AnyRoute[] => [
  route,
  { ...route, path: route.path.replace(/^\/v1/, '') },
];

export const openaiRoutes: readonly AnyRoute[] = [chatRoute, modelsRoute, modelRoute].flatMap(withoutVersion);
