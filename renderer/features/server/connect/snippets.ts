/** Lines that make a program use the server, with its address and a model. */
import { editorIds, type EditorId } from '../../../../preload/contract/editor-ids.ts';

const languages = ['curl', 'python', 'javascript'] as const;
export type Target = (typeof languages)[number] | EditorId;
export const targets: readonly Target[] = [...languages, ...editorIds];

export interface SnippetFacts {
  /** `http://127.0.0.1:11535` */
  readonly origin: string;
  readonly model: string;
  /** What stands for the secret of a key; null where the server needs none. */
  readonly key: string | null;
  /** What is sent where a program insists on a key and the server needs none. */
  readonly keyless: string;
}

/** The lines for a program, each complete: they can be pasted and run, but for the key. */
export function snippet(target: Target, facts: SnippetFacts): string {
  const { origin, model, key, keyless } = facts;
  const base = `${origin}/v1`;
  const secret = key ?? keyless;
  // A string of JSON is one of Python, JavaScript and TOML too; for an id or a name no escape differs.
  const quoted = JSON.stringify;
  switch (target) {
    case 'curl':
      return [
        `curl ${base}/chat/completions \\`,
        ...(key === null ? [] : [`  -H 'Authorization: Bearer ${key}' \\`]),
        "  -H 'Content-Type: application/json' \\",
        `  -d '${shellQuoted(`{"model": ${quoted(model)}, "stream": true, "messages": [{"role": "user", "content": "Hello"}]}`)}'`,
      ].join('\n');
    case 'python':
      return [
        'from openai import OpenAI',
        '',
        `client = OpenAI(base_url=${quoted(base)}, api_key=${quoted(secret)})`,
        'reply = client.chat.completions.create(',
        `    model=${quoted(model)},`,
        '    messages=[{"role": "user", "content": "Hello"}],',
        ')',
        'print(reply.choices[0].message.content)',
      ].join('\n');
    case 'javascript':
      return [
        "import OpenAI from 'openai';",
        '',
        `const client = new OpenAI({ baseURL: ${quoted(base)}, apiKey: ${quoted(secret)} });`,
        'const reply = await client.chat.completions.create({',
        `  model: ${quoted(model)},`,
        "  messages: [{ role: 'user', content: 'Hello' }],",
        '});',
        'console.log(reply.choices[0].message.content);',
      ].join('\n');
    case 'claude-code':
      return json({
        env: {
          ANTHROPIC_BASE_URL: origin,
          ANTHROPIC_AUTH_TOKEN: secret,
          ANTHROPIC_MODEL: model,
          ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
          ANTHROPIC_DEFAULT_SONNET_MODEL: model,
          ANTHROPIC_DEFAULT_OPUS_MODEL: model,
        },
      });
    case 'codex':
      return [
        `model = ${quoted(model)}`,
        'model_provider = "hearth"',
        '',
        '[model_providers.hearth]',
        'name = "Hearth"',
        `base_url = ${quoted(base)}`,
        'wire_api = "responses"',
        ...(key === null ? [] : [`experimental_bearer_token = ${quoted(key)}`]),
      ].join('\n');
    case 'zed':
      return json({
        language_models: {
          openai_compatible: {
            Hearth: { api_url: base, available_models: [{ name: model, max_tokens: 32_768 }] },
          },
        },
      });
    case 'continue':
      return [
        'models:',
        '  - name: Hearth',
        '    provider: openai',
        `    model: ${quoted(model)}`,
        `    apiBase: ${base}`,
        ...(key === null ? [] : [`    apiKey: ${key}`]),
        '    roles: [chat, edit, apply]',
      ].join('\n');
    case 'cline':
      return [
        'API Provider  OpenAI Compatible',
        `Base URL      ${base}`,
        `API Key       ${secret}`,
        `Model ID      ${model}`,
      ].join('\n');
    case 'open-webui':
      return [
        `OPENAI_API_BASE_URL=${base.replace(/\/\/(127\.0\.0\.1|localhost|\[::1\])(?=[:/])/, '//host.docker.internal')}`,
        `OPENAI_API_KEY=${secret}`,
      ].join('\n');
    default:
      return target satisfies never;
  }
}

const json = (value: unknown): string => JSON.stringify(value, null, 2);

/** For a place between single quotes of a shell. */
const shellQuoted = (text: string): string => text.replaceAll("'", String.raw`'\''`);

/** Whether Hearth can write the settings of the program; the others are code. */
export const isEditor = (target: Target): target is EditorId => (editorIds as readonly string[]).includes(target);
