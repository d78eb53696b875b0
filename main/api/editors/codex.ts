/**
 * Codex reads ~/.codex/config.toml, in CODEX_HOME where that is set: `model` and `model_provider` at the top, and a table
 * `model_providers.ID` with the address, which ends in /v1. It speaks the Responses API alone. A key is there as
 * `experimental_bearer_token`: `env_key` names a variable, which a window that was not started from a terminal does not have. Facts of
 * November 2026: developers.openai.com/codex/config-reference and ModelProviderInfo of openai/codex.
 */
import { isDeepStrictEqual } from 'node:util';
import path from 'node:path';
import type { AST } from 'toml-eslint-parser';
import { valueAt } from './jsonc.ts';
import { namedFolder, unreadableSettings, type EditorProgram, type EditorServer } from './program.ts';

const PROVIDER = ['model_providers', 'hearth'];

/** A string that is the same in TOML and in JSON: JSON escapes a subset of what TOML does, and DEL needs an escape in TOML. */
const quoted = (text: string): string => JSON.stringify(text).replaceAll('\u007f', String.raw`\u007f`);

async function parse(text: string): Promise<{ entries: AST.TOMLTopLevelTable['body']; value: unknown }> {
  const { getStaticTOMLValue, parseTOML } = await import('toml-eslint-parser');
  try {
    const program = parseTOML(text);
    return { entries: program.body[0].body, value: getStaticTOMLValue(program) };
  } catch (error) {
    const line = typeof error === 'object' && error !== null && 'lineNumber' in error ? Number(error.lineNumber) : 0;
    throw unreadableSettings(`line ${line}`);
  }
}

function providerOf({ origin, secret }: EditorServer): Record<string, string> {
  return {
    ...{ name: 'Hearth', base_url: `${origin}/v1`, wire_api: 'responses' },
    ...(secret === null ? {} : { experimental_bearer_token: secret }),
  };
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The edits that set a value at the top: in its place, or as a line before the first table. */
function setAtTop(
  entries: AST.TOMLTopLevelTable['body'],
  values: Readonly<Record<string, string>>,
  eol: string,
): Edit[] {
  const keyOf = (entry: AST.TOMLKeyValue): string =>
    entry.key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value)).join('\u0000');
  const firstTable = entries.find((entry) => entry.type === 'TOMLTable');
  const lines: string[] = [];
  const edits = Object.entries(values).flatMap(([name, value]) => {
    const found = entries.find((entry) => entry.type === 'TOMLKeyValue' && keyOf(entry) === name);
    if (found?.type === 'TOMLKeyValue') return [{ from: found.value.range[0], to: found.value.range[1], text: value }];
    lines.push(`${name} = ${value}${eol}`);
    return [];
  });
  // At the very beginning a comment about the whole file keeps its place above.
  const last = entries.findLast((entry) => entry.type === 'TOMLKeyValue');
  const at = last?.range[1] ?? firstTable?.range[0] ?? 0;
  if (lines.length > 0)
    edits.push({
      from: at,
      to: at,
      text:
        last === undefined
          ? `${lines.join('')}${firstTable === undefined ? '' : eol}`
          : `${eol}${lines.join('').trimEnd()}`,
    });
  return edits;
}

function apply(text: string, edits: readonly Edit[]): string {
  return edits
    .toSorted((a, b) => b.from - a.from)
    .reduce((now, { from, to, text: put }) => now.slice(0, from) + put + now.slice(to), text);
}

export const codex: EditorProgram = {
  file: ({ home, env }) => path.join(namedFolder(env['CODEX_HOME']) ?? path.join(home, '.codex'), 'config.toml'),
  async connected(text, server) {
    const before = text ?? '';
    const eol = before.includes('\r\n') ? '\r\n' : '\n';
    const { entries, value } = await parse(before);
    const provider = providerOf(server);
    const top: Record<string, string | number> = {
      model: server.model,
      model_provider: 'hearth',
      // It knows the context sizes of OpenAI's models alone, and would never shorten a conversation.
      ...(server.contextSize === null ? {} : { model_context_window: server.contextSize }),
    };
    const edits = setAtTop(
      entries,
      Object.fromEntries(
        Object.entries(top).map(([name, one]) => [name, typeof one === 'string' ? quoted(one) : String(one)]),
      ),
      eol,
    );
    const table = [
      '[model_providers.hearth]',
      ...Object.entries(provider).map(([name, one]) => `${name} = ${quoted(one)}`),
    ].join(eol);
    const own = entries.find((entry) => entry.type === 'TOMLTable' && isDeepStrictEqual(entry.resolvedKey, PROVIDER));
    if (own !== undefined) edits.push({ from: own.range[0], to: own.range[1], text: table });
    const edited = apply(before, edits);
    const after =
      own !== undefined ? edited : `${edited.trimEnd()}${edited.trim() === '' ? '' : `${eol}${eol}`}${table}${eol}`;
    // Dotted keys and inline tables can say the same in ways that this edit does not meet. Then nothing is written.
    const subtables = Object.entries(Object(valueAt(value, PROVIDER)) as Record<string, unknown>).filter(
      ([, one]) => typeof one === 'object',
    );
    const others = Object(valueAt(value, PROVIDER.slice(0, 1))) as Record<string, unknown>;
    const wanted = {
      ...(value as Record<string, unknown>),
      ...top,
      model_providers: { ...others, hearth: { ...provider, ...Object.fromEntries(subtables) } },
    };
    const written = await parse(after).catch(() => null);
    if (written === null || !isDeepStrictEqual(written.value, wanted)) throw unreadableSettings('model_providers');
    return after;
  },
  async addresses(text) {
    const providers = valueAt((await parse(text).catch(() => null))?.value, PROVIDER.slice(0, 1));
    if (typeof providers !== 'object' || providers === null) return [];
    return Object.values(providers).flatMap((entry) => {
      const address = valueAt(entry, ['base_url']);
      return typeof address === 'string' ? [address] : [];
    });
  },
};
