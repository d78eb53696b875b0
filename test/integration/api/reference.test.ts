/** docs/api.md has every endpoint of the table, with its group and in the section of its dialect, and no other. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { allRoutes } from '../../../main/api/all-routes.ts';
import type { AnyRoute } from '../../../main/api/route.ts';
import type { Dialect } from '../../../preload/contract/server.ts';

const sections: Readonly<Record<Dialect, string>> = {
  openai: 'OpenAI',
  anthropic: 'Anthropic',
  ollama: 'Ollama',
  koboldcpp: 'KoboldCpp',
  'llama-server': 'llama-server',
  hearth: "Hearth's own",
};
const text = readFileSync(path.join(import.meta.dirname, '../../../docs/api.md'), 'utf8');

/** Lines such as `openai generate POST /v1/responses`, of the tables of endpoints. */
const listed = Object.entries(sections).flatMap(([dialect, title]) => {
  const [, section = ''] = text.split(`\n## ${title}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/^\| (`[A-Z]+ \/.*?) +\| `?(\w+)`? +\|/gm)].flatMap(([, endpoints = '', group = '']) =>
    [...endpoints.matchAll(/`([A-Z]+ \/[^`]*)`/g)].map(([, endpoint]) => `${dialect} ${group} ${endpoint}`),
  );
});

const groupOf = ({ group, isOpen }: AnyRoute): string => (isOpen === true ? 'open' : (group ?? 'any'));
/** A name in the path stands between braces, as in the OpenAPI document. */
const pathOf = ({ path: given }: AnyRoute): string => given.replaceAll(/\/[:*](\w+)/g, '/{$1}');

it('every endpoint is in the reference', () => {
  const routes = allRoutes.map((route) => `${route.dialect} ${groupOf(route)} ${route.method} ${pathOf(route)}`);
  expect(listed.toSorted()).toEqual(routes.toSorted());
});
