/** The endpoints of all dialects. */
import { anthropicRoutes } from './anthropic/anthropic.ts';
import { koboldcppRoutes } from './koboldcpp/koboldcpp.ts';
import { llamaServerRoutes } from './llama-server/llama-server.ts';
import { ollamaRoutes } from './ollama/ollama.ts';
import { openaiRoutes } from './openai/openai.ts';
import { openApiRoutes } from './openapi/openapi.ts';
import type { AnyRoute } from './route.ts';

const dialects: readonly AnyRoute[] = [
  ...[...llamaServerRoutes, ...openaiRoutes, ...anthropicRoutes],
  ...[...ollamaRoutes, ...koboldcppRoutes],
];

export const allRoutes: readonly AnyRoute[] = [...dialects, ...openApiRoutes(dialects)];
