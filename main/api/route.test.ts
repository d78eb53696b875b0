import { expect, it } from 'vitest';
import { allRoutes } from './all-routes.ts';
import { createRouter } from './route.ts';

const { find } = createRouter(allRoutes);
const pathOf = (method: string, path: string): string | null => {
  const found = find(method, path);
  return 'route' in found ? found.route.path : null;
};

it.each([
  ['POST', '/v1/chat/completions/', '/v1/chat/completions'],
  ['GET', '/v1/models/', '/v1/models'],
  ['GET', '/v1/responses/resp_1/', '/v1/responses/:id'],
  ['POST', '/v1/responses/compact', '/v1/responses/compact'],
  ['GET', '/', '/'],
  ['GET', '//', '/'],
  ['POST', '/v1//chat/completions', '/v1/chat/completions'],
  ['GET', '//api/tags', '/api/tags'],
  ['POST', '/v1/chat/completionsx', null],
])('finds what %s %s asks for', (method, path, wanted) => expect(pathOf(method, path)).toBe(wanted));
