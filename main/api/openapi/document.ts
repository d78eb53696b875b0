/** The OpenAPI document of the server, made from the routes and their schemas: https://spec.openapis.org/oas/v3.1.0. */
import { z } from 'zod';
import type { AnyRoute } from '../route.ts';
import type { Dialect } from '../../../preload/contract/server.ts';

const tags: Readonly<Record<Dialect, string>> = {
  openai: 'OpenAI',
  anthropic: 'Anthropic',
  ollama: 'Ollama',
  koboldcpp: 'KoboldCpp',
  'llama-server': 'llama-server',
  hearth: 'Hearth',
};

/** The paths with the parameters as OpenAPI writes them. */
const templated = (path: string): string => path.replaceAll(/[:*](\w+)/g, '{$1}');
const parametersOf = (path: string) =>
  [...path.matchAll(/[:*](\w+)/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true, schema: { type: 'string' } },
  }));

function operationOf(route: AnyRoute) {
  const { body, example, isOpen, dialect, summary, method, path, answers } = route;
  const streams = answers ?? 'application/json';
  return {
    tags: [tags[dialect]],
    summary,
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^A-Za-z0-9]+/g, '_')}`,
    parameters: parametersOf(path),
    ...(body !== null && {
      requestBody: {
        required: true,
        content: {
          'application/json': {
            // What is checked by a function cannot be told in a schema, and is left out of it.
            schema: withoutDialect(z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' })),
            ...(example !== undefined && { example }),
          },
        },
      },
    }),
    responses: {
      200: { description: 'Done.', content: { [streams]: {} } },
      ...(body !== null && { 400: { description: 'A field is not valid; the error names it.' } }),
      ...(isOpen !== true && {
        401: { description: 'A key is missing or wrong.' },
        403: { description: 'The key may not do this, or the Host or the Origin is not allowed.' },
        429: { description: 'The queue is full or the key has used its limit; Retry-After says when to try again.' },
      }),
    },
    ...(isOpen === true && { security: [] }),
  };
}

function withoutDialect({ $schema: _dialect, ...schema }: Record<string, unknown>): Record<string, unknown> {
  return schema;
}

/** The document of these routes, for a server at `address`. */
export function openApiDocument(routes: readonly AnyRoute[], version: string, address: string): object {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const at = (paths[templated(route.path)] ??= {});
    at[route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Hearth',
      version,
      description:
        'The models of this computer for programs, in the dialects of OpenAI, Anthropic, Ollama, KoboldCpp and llama-server.',
    },
    servers: [{ url: address }],
    security: [{ bearer: [] }, { xApiKey: [] }, { apiKey: [] }],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        xApiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        apiKey: { type: 'apiKey', in: 'header', name: 'api-key' },
      },
    },
    paths,
  };
}
