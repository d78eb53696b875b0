/** Anthropic's dialect: https://docs.anthropic.com/en/api. Its list of models is OpenAI's, which programs of both read. */
import type { AnyRoute } from '../route.ts';
import { countRoute, messagesRoute } from './messages.ts';

export const anthropicRoutes: readonly AnyRoute[] = [messagesRoute, countRoute];
