/** KoboldCpp's dialect, for programs that write stories: https://lite.koboldai.net/koboldcpp_api. */
import type { AnyRoute } from '../route.ts';
import { generateRoutes } from './generate.ts';
import { stateRoutes } from './state.ts';

export const koboldcppRoutes: readonly AnyRoute[] = [...generateRoutes, ...stateRoutes];
