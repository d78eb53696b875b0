/** Lines that make a program use the server, where Hearth does not write the settings of the program itself. */
import { editorIds, type EditorId } from '../../../../preload/contract/editor-ids.ts';

export type Target = 'curl' | 'python' | 'javascript' | EditorId;
/** Programs with a file that Hearth can write: main says what stands in it. */
const written = ['claude-code', 'codex', 'zed', 'continue'] as const satisfies readonly EditorId[];
export type WrittenTarget = (typeof written)[number];
/** Whether main says the lines, which are what it would write. */
export const isWritten = (target: Target): target is WrittenTarget => (written as readonly string[]).includes(target);

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
export function snippet(target: Exclude<Target, WrittenTarget>, facts: SnippetFacts): string {
  const { origin, model, key, keyless } = facts;
  const base = `${origin}/v1`;
  const secret = key ?? keyless;
  // A string of JSON is one of Python, JavaScript too; for an id or a name no escape differs.
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

/** For a place between single quotes of a shell. */
const shellQuoted = (text: string): string => text.replaceAll("'", String.raw`'\''`);

/** Whether Hearth can write the settings of the program; the others are code. */
export const isEditor = (target: Target): target is EditorId => (editorIds as readonly string[]).includes(target);
