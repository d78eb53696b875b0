/**
 * Zed reads providers that speak OpenAI from `language_models.openai_compatible` of its settings.json, in JSON with comments: one entry
 * a provider, with its address and a list of models, whose context sizes it wants to know. Keys are not in the file: they are in the
 * system's keychain, or in HEARTH_API_KEY for a provider of this name. Facts of November 2026: zed.dev/docs/ai/use-api-access and
 * `config_dir` of its crates/paths.
 */
import path from 'node:path';
import { assertObjects, editJsonc, readJsonc, valueAt } from './jsonc.ts';
import { namedFolder, type EditorPlaces, type EditorProgram } from './program.ts';

const providers = ['language_models', 'openai_compatible'];
const provider = [...providers, 'Hearth'];

/** What Zed counts with where nobody knows the context size. */
const LEAST_CONTEXT_SIZE = 8192;

function folder({ home, platform, env }: EditorPlaces): string {
  switch (platform) {
    case 'win32':
      return path.join(namedFolder(env['APPDATA']) ?? path.join(home, 'AppData', 'Roaming'), 'Zed');
    case 'darwin':
      return path.join(home, '.config', 'zed');
    default:
      return path.join(
        namedFolder(env['FLATPAK_XDG_CONFIG_HOME']) ??
          namedFolder(env['XDG_CONFIG_HOME']) ??
          path.join(home, '.config'),
        'zed',
      );
  }
}

export const zed: EditorProgram = {
  file: (places) => path.join(folder(places), 'settings.json'),
  async connected(text, { origin, model, contextSize }) {
    const settings = await readJsonc(text ?? '');
    assertObjects(settings, [providers.slice(0, 1), providers, provider]);
    const listed = valueAt(settings, [...provider, 'available_models']);
    const others = (Array.isArray(listed) ? (listed as unknown[]) : []).filter(
      (entry) => valueAt(entry, ['name']) !== model,
    );
    const added = {
      name: model,
      display_name: model.split('/').at(-1) ?? model,
      max_tokens: contextSize ?? LEAST_CONTEXT_SIZE,
    };
    return await editJsonc(text ?? '', [
      { path: [...provider, 'api_url'], value: `${origin}/v1` },
      { path: [...provider, 'available_models'], value: [...others, added] },
    ]);
  },
  async addresses(text) {
    const entries = valueAt(await readJsonc(text).catch(() => null), providers);
    if (typeof entries !== 'object' || entries === null) return [];
    return Object.values(entries).flatMap((entry) => {
      const address = valueAt(entry, ['api_url']);
      return typeof address === 'string' ? [address] : [];
    });
  },
};
