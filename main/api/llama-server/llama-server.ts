/** llama-server's own endpoints: https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md. */
import type { AnyRoute } from '../route.ts';
import { completionRoutes } from './completion.ts';
import { infillRoute } from './infill.ts';
import { metricsRoute } from './metrics.ts';
import { stateRoutes } from './state.ts';
import { textRoutes } from './texts.ts';

export const llamaServerRoutes: readonly AnyRoute[] = [
  ...completionRoutes,
  infillRoute,
  ...textRoutes,
  ...stateRoutes,
  metricsRoute,
];
