/**
 * Claude Code reads environment variables from `env` of ~/.claude/settings.json, in CLAUDE_CONFIG_DIR where that is set. The address has
 * no path, for it adds /v1/messages. Facts of November 2026: code.claude.com/docs/en/settings, …/env-vars and …/llm-gateway.
 */
import path from 'node:path';
import { assertObjects, editJsonc, readJsonc, valueAt } from './jsonc.ts';
import { namedFolder, type EditorProgram } from './program.ts';

export const claudeCode: EditorProgram = {
  file: ({ home, env }) =>
    path.join(namedFolder(env['CLAUDE_CONFIG_DIR']) ?? path.join(home, '.claude'), 'settings.json'),
  async connected(text, { origin, model, secret }) {
    const settings = await readJsonc(text ?? '');
    assertObjects(settings, [['env']]);
    const variables: Record<string, string> = {
      ANTHROPIC_BASE_URL: origin,
      // Without any token it asks for an account at Anthropic.
      ANTHROPIC_AUTH_TOKEN: secret ?? 'hearth',
      ANTHROPIC_MODEL: model,
      // The models of its own choice for small and large tasks, which this server does not have.
      ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
      ANTHROPIC_DEFAULT_SONNET_MODEL: model,
      ANTHROPIC_DEFAULT_OPUS_MODEL: model,
    };
    const changes = Object.entries(variables).map(([name, value]) => ({
      path: ['env', name],
      value: value as unknown,
    }));
    // It would be sent as well, in another header: a key of Anthropic has no business here.
    if (valueAt(settings, ['env', 'ANTHROPIC_API_KEY']) !== undefined)
      changes.push({ path: ['env', 'ANTHROPIC_API_KEY'], value: undefined });
    return await editJsonc(text ?? '', changes);
  },
  async addresses(text) {
    const address = valueAt(await readJsonc(text).catch(() => null), ['env', 'ANTHROPIC_BASE_URL']);
    return typeof address === 'string' ? [address] : [];
  },
};
