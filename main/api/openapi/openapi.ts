/** `/openapi.json`, and the page at `/docs` that tries calls. */
import { route, type AnyRoute } from '../route.ts';
import { openApiDocument } from './document.ts';
import { pageHtml, pageScript, pageStyle } from './docs-page.ts';

/** The page loads nothing from elsewhere and runs nothing but its own script. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const file = (path: string, contentType: string, text: string, summary: string): AnyRoute =>
  route({
    ...{ method: 'GET', path, dialect: 'hearth', group: null, isOpen: true, body: null, summary, answers: contentType },
    handle({ text: answer, header }) {
      header('content-security-policy', POLICY);
      answer(200, contentType, text);
    },
  });

/** Routes over the table of all others. */
export function openApiRoutes(others: readonly AnyRoute[]): readonly AnyRoute[] {
  const documentRoute = route({
    ...{ method: 'GET', path: '/openapi.json', dialect: 'hearth', group: null, isOpen: true, body: null },
    summary: 'This document.',
    handle({ json, request }, { version }) {
      json(200, openApiDocument([...others, documentRoute], version, `http://${request.headers.host ?? '127.0.0.1'}`));
    },
  });
  return [
    documentRoute,
    file('/docs', 'text/html; charset=utf-8', pageHtml, 'A page to try calls.'),
    file('/docs/page.js', 'text/javascript; charset=utf-8', pageScript, 'The script of that page.'),
    file('/docs/page.css', 'text/css; charset=utf-8', pageStyle, 'The style of that page.'),
  ];
}
