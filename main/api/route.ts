/** The table of a dialect's endpoints. */
import type { z } from 'zod';
import type { Dialect, EndpointGroup } from '../../preload/contract/server.ts';
import type { Exchange } from './http/exchange.ts';
import type { Services } from './services.ts';

export interface Route<Body> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  /** Segments with `:name` stand for any text, and `*name` at the end for all that follows. */
  readonly path: string;
  readonly dialect: Dialect;
  /** The group that a key must be allowed; null for what everybody may ask who may come here, with a key where keys are needed. */
  readonly group: EndpointGroup | null;
  /** Answered without a key too: it tells nothing about models and nothing of callers. */
  readonly isOpen?: boolean;
  /** What it does, in a few words, for the OpenAPI document. */
  readonly summary: string;
  /** The schema of its JSON body; null where it has none. */
  readonly body: z.ZodType<Body> | null;
  /** A small body that is right, for the page that tries calls. Absent where there is no body. */
  readonly example?: object;
  /** The type of what it answers, where that is no JSON. */
  readonly answers?: string;
  handle(exchange: Exchange<Body>, services: Services): Promise<void> | void;
}
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a table holds routes with bodies of every type
export type AnyRoute = Route<any>;

/** A route, with the type of its body from its schema. */
export function route<Body>(definition: Route<Body>): AnyRoute {
  return definition;
}

export interface FoundRoute {
  readonly route: AnyRoute;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds routes by method and path. */
export function createRouter(routes: readonly AnyRoute[]) {
  const table = routes.map((one) => ({ route: one, segments: one.path.split('/').slice(1) }));

  const matching = (path: string): FoundRoute[] => {
    const parts = path.split('/').slice(1);
    return table.flatMap(({ route: one, segments }) => {
      const params = match(segments, parts);
      return params ? [{ route: one, params }] : [];
    });
  };

  return {
    routes,
    /** The route, or the methods that the path has; those are none for a path that nothing is at. */
    find(method: string, path: string): FoundRoute | { readonly methods: readonly string[] } {
      // Programs join an address that ends with a slash and a path that begins with one, or ends with one. No route has such.
      const found = matching(path.replace(/\/{2,}/g, '/').replace(/(?<=[^/])\/$/, ''));
      const right =
        found.find((one) => one.route.method === method) ??
        (method === 'HEAD' ? found.find((one) => one.route.method === 'GET') : undefined);
      return right ?? { methods: [...new Set(found.map((one) => one.route.method))] };
    },
  };
}
export type Router = ReturnType<typeof createRouter>;

function match(segments: readonly string[], parts: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    if (segment.startsWith('*')) {
      const rest = decode(parts.slice(index).join('/'));
      if (rest === null || rest === '') return null;
      return { ...params, [segment.slice(1)]: rest };
    }
    const part = parts[index];
    if (part === undefined) return null;
    if (!segment.startsWith(':')) {
      if (segment !== part) return null;
      continue;
    }
    const value = decode(part);
    if (value === null || value === '') return null;
    params[segment.slice(1)] = value;
  }
  return parts.length === segments.length ? params : null;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
