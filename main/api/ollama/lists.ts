/** What Ollama's programs ask before anything else: whether it runs, which version, which models, which of them are loaded. */
import { route } from '../route.ts';
import { detailsOf, digestOf } from './details.ts';
import { withTag } from './find-model.ts';

/**
 * The version of Ollama whose interface this is. Programs compare it: GitHub Copilot wants 0.6.4 at least
 * (https://github.com/microsoft/vscode/issues/271431).
 */
const OLLAMA_VERSION = '0.32.15';

/** Ollama's own command line sends HEAD, browsers and scripts GET. */
export const runningRoute = route({
  method: 'GET',
  path: '/',
  dialect: 'ollama',
  group: null,
  isOpen: true,
  summary: 'Says that the server runs.',
  body: null,
  answers: 'text/plain',
  handle: ({ text }) => text(200, 'text/plain; charset=utf-8', 'Ollama is running'),
});

export const versionRoute = route({
  method: 'GET',
  path: '/api/version',
  dialect: 'ollama',
  group: null,
  isOpen: true,
  summary: "Tells the version of Ollama whose interface this is, and Hearth's.",
  body: null,
  handle: ({ json }, { version }) => json(200, { version: OLLAMA_VERSION, hearth: version }),
});

/** Sorts by a time as text, the latest first; those of one time by their names. */
export const latestFirst =
  <Field extends string>(field: Field) =>
  (a: Named<Field>, b: Named<Field>): number =>
    compare(b[field], a[field]) || compare(a.name, b.name);
type Named<Field extends string> = Readonly<Record<Field | 'name', string>>;
const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

export const tagsRoute = route({
  method: 'GET',
  path: '/api/tags',
  dialect: 'ollama',
  group: 'models',
  summary: 'Lists the models and the names that were given to them, newest first.',
  body: null,
  async handle({ json, caller }, services) {
    const listed = await services.models.list(caller);
    const models = await Promise.all(
      listed.map(async (one) => ({
        name: withTag(one.name),
        model: withTag(one.name),
        modified_at: new Date(one.changedAt).toISOString(),
        size: one.model.local?.sizeBytes ?? 0,
        digest: await digestOf(services, one),
        details: detailsOf(one),
      })),
    );
    json(200, { models: models.sort(latestFirst('modified_at')) });
  },
});

/** Ollama's own time for a model that stays: as far as its clock reaches. */
const NEVER_MS = 292 * 365.25 * 24 * 3_600_000;

export const psRoute = route({
  method: 'GET',
  path: '/api/ps',
  dialect: 'ollama',
  group: 'models',
  summary: 'Lists the loaded models, those that stay longest first.',
  body: null,
  async handle({ json, caller }, services) {
    const listed = await services.models.list(caller);
    const loaded = services.engine.loaded().filter(({ status }) => status === 'ready' || status === 'generating');
    const models = await Promise.all(
      loaded.map(async (one) => {
        const known = listed.find(({ modelId, preset }) => modelId === one.modelId && preset === null);
        if (!known) return [];
        return {
          name: withTag(known.name),
          model: withTag(known.name),
          size: one.memoryBytes + one.vramBytes,
          digest: await digestOf(services, known),
          details: detailsOf(known),
          // A model in use, and one that stays, has no time yet.
          expires_at: new Date(one.unloadsAt ?? services.now() + NEVER_MS).toISOString(),
          size_vram: one.vramBytes,
          context_length: one.contextSize,
        };
      }),
    );
    json(200, { models: models.flat().sort(latestFirst('expires_at')) });
  },
});
