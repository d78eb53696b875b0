/**
 * OpenAI's dialect: https://platform.openai.com/docs/api-reference. Endpoints are there with and without `/v1`, as in llama-server, where
 * `/completions` alone is of its own form.
 */
import type { AnyRoute } from '../route.ts';
import { chatRoute } from './chat.ts';
import { completionsRoute } from './completions.ts';
import { embeddingsRoute } from './embeddings.ts';
import { modelRoute, modelsRoute } from './models.ts';
import { rerankRoute } from './rerank.ts';
import { responsesRoutes } from './responses/responses.ts';

const withoutVersion = (route: AnyRoute): readonly AnyRoute[] => [
  route,
  { ...route, path: route.path.replace(/^\/v1/, '') },
];

/** Reranking has a second name in llama-server. */
const vectors: readonly AnyRoute[] = [embeddingsRoute, rerankRoute, { ...rerankRoute, path: '/v1/reranking' }];

export const openaiRoutes: readonly AnyRoute[] = [
  completionsRoute,
  ...[chatRoute, ...responsesRoutes, ...vectors, modelsRoute, modelRoute].flatMap(withoutVersion),
];
