/** Ollama's dialect: https://github.com/ollama/ollama/blob/main/docs/api.md. */
import type { AnyRoute } from '../route.ts';
import { chatRoute } from './chat.ts';
import { createRoute } from './create.ts';
import { embedRoute, embeddingsRoute } from './embed.ts';
import { generateRoute } from './generate.ts';
import { psRoute, runningRoute, tagsRoute, versionRoute } from './lists.ts';
import { blobRoutes, copyRoute, deleteRoute, pushRoute } from './manage.ts';
import { pullRoute } from './pull.ts';
import { showRoute } from './show.ts';

export const ollamaRoutes: readonly AnyRoute[] = [
  ...[runningRoute, versionRoute, tagsRoute, psRoute, showRoute],
  ...[chatRoute, generateRoute, embedRoute, embeddingsRoute],
  ...[pullRoute, deleteRoute, copyRoute, createRoute, ...blobRoutes, pushRoute],
];
