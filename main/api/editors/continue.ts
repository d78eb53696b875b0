/**
 * Continue reads ~/.continue/config.yaml, in CONTINUE_GLOBAL_DIR where that is set: a name, a version, `schema: v1` and a list of models.
 * The file hides an older config.json beside it. Facts of November 2026: docs.continue.dev/reference and
 * …/customize/model-providers/top-level/openai.
 */
import path from 'node:path';
import type { Document } from 'yaml';
import { namedFolder, unreadableSettings, withinStack, type EditorPlaces, type EditorProgram } from './program.ts';

/** By this name the entry of an earlier time is found. */
const NAME = 'Hearth';

const folder = ({ home, env }: EditorPlaces): string =>
  namedFolder(env['CONTINUE_GLOBAL_DIR']) ?? path.join(home, '.continue');

async function parse(text: string): Promise<Document.Parsed> {
  const { isScalar, parseDocument, visit } = await import('yaml');
  // A document of aliases that grows without end is refused where it is written out, not here, where nothing is expanded. The library
  // compares each key with each other one, which takes minutes for a hundred thousand of them.
  const document = withinStack(() => parseDocument(text, { prettyErrors: false, uniqueKeys: false }));
  const [first] = document.errors;
  const refuse = (at: number): never => {
    throw unreadableSettings(`line ${text.slice(0, at).split('\n').length}`);
  };
  if (first !== undefined) refuse(first.pos[0]);
  withinStack(() =>
    visit(document, {
      Map(_place, map) {
        const seen = new Set<unknown>();
        for (const { key } of map.items) {
          if (!isScalar(key)) continue;
          if (seen.has(key.value)) refuse(key.range?.[0] ?? 0);
          seen.add(key.value);
        }
      },
    }),
  );
  return document;
}

export const continueDev: EditorProgram = {
  file: (places) => path.join(folder(places), 'config.yaml'),
  olderFile: (places) => path.join(folder(places), 'config.json'),
  async connected(text, { origin, model, secret, contextSize }) {
    const { isMap, isSeq } = await import('yaml');
    const document = await parse(text ?? '');
    if (document.contents !== null && !isMap(document.contents)) throw unreadableSettings('not a mapping');
    const models = document.get('models', true);
    if (models !== undefined && !isSeq(models) && document.get('models') !== null)
      throw unreadableSettings('models is not a list');
    for (const [key, value] of [
      ['name', 'Local Config'],
      ['version', '1.0.0'],
      ['schema', 'v1'],
    ] as const)
      if (!document.has(key)) document.set(key, value);
    const entry = {
      ...{ name: NAME, provider: 'openai', model, apiBase: `${origin}/v1` },
      ...(secret === null ? {} : { apiKey: secret }),
      roles: ['chat', 'edit', 'apply'],
      ...(contextSize === null ? {} : { defaultCompletionOptions: { contextLength: contextSize } }),
    };
    const list = isSeq(models) ? models.items : [];
    const at = list.findIndex((item) => isMap(item) && item.get('name') === NAME);
    if (isSeq(models)) document.setIn(['models', at < 0 ? list.length : at], document.createNode(entry));
    else document.set('models', document.createNode([entry]));
    return document.toString({
      lineWidth: 0,
      indent: indentOf(text ?? ''),
      // Lists of some people begin below their key, and those of others two columns further.
      indentSeq: !/^[\w-]+:[^\S\n]*\r?\n- /m.test(text ?? ''),
      flowCollectionPadding: !/\[\S/.test(text ?? ''),
      // Whether an alias has its anchor is between the file and its program.
      verifyAliasOrder: false,
    });
  },
  async addresses(text) {
    const document = await parse(text).catch(() => null);
    const { isMap, isSeq } = await import('yaml');
    const models = isMap(document?.contents) ? document.get('models', true) : undefined;
    if (!isSeq(models)) return [];
    return models.items.flatMap((item) => {
      const address: unknown = isMap(item) ? item.get('apiBase') : undefined;
      return typeof address === 'string' ? [address] : [];
    });
  },
};

/** The columns of the first indented line: 2 where there is none. */
function indentOf(text: string): number {
  const columns = /^( +)\S/m.exec(text)?.[1]?.length ?? 2;
  return Math.min(8, Math.max(1, columns));
}
