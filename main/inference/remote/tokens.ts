/** The tokens of a model elsewhere, by the methods that only some servers have. Nothing is estimated: what is not told is unsupported. */
import { AppError } from '../../../preload/wire/errors.ts';
import type { Countable, Renderable, Rendered, TextToken } from '../provider.ts';
import type { RemoteClient } from './client.ts';
import { wireMessages, wireTools } from './messages.ts';
import { countOf } from './fields.ts';
import { unreadableAnswer } from './refusals.ts';
import { dialectOf, type ServerDialect, type Server, type ServerModel } from './server.ts';

export interface TokenContext {
  readonly client: RemoteClient;
  readonly server: Server;
  readonly model: ServerModel;
  readonly signal: AbortSignal | undefined;
}

/** What llama.cpp's child takes as well (engine/child): a longer text is a mistake. */
const MAX_TEXT_CHARS = 16 * 1024 * 1024;
const MAX_IDS = 1_000_000;

const noTokenizer = (name: string): AppError =>
  new AppError('unsupported', `${name} does not tell how a text is divided into tokens.`, {
    reason: 'remote_tokenize',
  });

function tokenizerOf({ client, server }: TokenContext): NonNullable<ServerDialect['tokenizer']> {
  const { tokenizer } = dialectOf(server.kind);
  if (tokenizer === null) throw noTokenizer(client.facts.name);
  return tokenizer;
}

async function ask(context: TokenContext, path: string, body: Readonly<Record<string, unknown>>): Promise<unknown> {
  const { client, model, signal } = context;
  const url = `${client.address.root}${path}`;
  try {
    // The answer has some bytes for each token, so its limit is that of vectors.
    const { headersMs, vectorBytes } = client.limits;
    return await client.json({ url, body: { model: model.name, ...body }, signal, headersMs, maxBytes: vectorBytes });
  } catch (error) {
    if (error instanceof AppError && error.code === 'unsupported') throw noTokenizer(client.facts.name);
    throw error;
  }
}

/**
 * The tokens of a text. `marks`: with those that the vocabulary puts around a prompt. On vLLM and SGLang texts of special tokens always
 * become those tokens. Throws unsupported, invalid_input, remote.*.
 */
export async function tokenizeText(
  context: TokenContext,
  text: string,
  { special, marks = false }: { readonly special: boolean; readonly marks?: boolean },
): Promise<readonly TextToken[]> {
  const kind = tokenizerOf(context);
  if (text.length > MAX_TEXT_CHARS)
    throw new AppError('invalid_input', 'The text is too long.', { field: 'text', limit: MAX_TEXT_CHARS });
  const read = (answer: unknown): readonly TextToken[] => {
    const tokens = tokensIn(answer);
    if (tokens === null) throw unreadableAnswer(context.client.facts);
    return tokens;
  };
  switch (kind) {
    case 'llama':
      return read(
        await ask(context, '/tokenize', {
          content: text,
          add_special: marks,
          parse_special: special,
          with_pieces: true,
        }),
      );
    case 'vllm':
      return read(
        await ask(context, '/tokenize', { prompt: text, add_special_tokens: marks, return_token_strs: true }),
      );
    case 'tgi':
      return read(await ask(context, '/tokenize', { inputs: text, add_special_tokens: marks }));
    default:
      return kind satisfies never;
  }
}

/** The text of tokens. Throws unsupported, invalid_input, remote.*. */
export async function detokenizeIds(context: TokenContext, ids: readonly number[]): Promise<string> {
  const kind = tokenizerOf(context);
  if (kind === 'tgi') throw noTokenizer(context.client.facts.name);
  if (ids.length > MAX_IDS || ids.some((id) => !Number.isSafeInteger(id) || id < 0))
    throw new AppError('invalid_input', 'These are not the numbers of tokens.', { field: 'ids' });
  const answer = (await ask(context, '/detokenize', { tokens: ids })) as Record<string, unknown> | null;
  const text = answer?.['content'] ?? answer?.['prompt'] ?? answer?.['text'];
  if (typeof text !== 'string') throw unreadableAnswer(context.client.facts);
  return text;
}

/** The number of tokens of a text or of a reply's prompt. Throws unsupported, invalid_input, remote.*. */
export async function countTokens(context: TokenContext, what: Countable): Promise<number> {
  if ('text' in what) return (await tokenizeText(context, what.text, { special: false })).length;
  return (await renderPrompt(context, what)).promptTokens;
}

/** The prompt as the server writes it. Throws unsupported, invalid_input, remote.*. */
export async function renderPrompt(context: TokenContext, what: Renderable): Promise<Rendered> {
  const { input } = what;
  const { model, client, server } = context;
  const kind = tokenizerOf(context);
  const shown = { contextSize: model.contextSize, omittedMessages: 0, omittedFrom: 0 };
  if (!('messages' in input)) {
    if (!('rawPrompt' in input))
      throw new AppError('unsupported', 'A server elsewhere does not tell the prompt that fills in a text.', {
        reason: 'remote_render',
      });
    const { rawPrompt } = input;
    if (typeof rawPrompt !== 'string')
      return { text: await detokenizeIds(context, rawPrompt), promptTokens: rawPrompt.length, ...shown };
    const tokens = await tokenizeText(context, rawPrompt, { special: true, marks: true });
    return { text: rawPrompt, promptTokens: tokens.length, ...shown };
  }
  if (what.template !== undefined || kind === 'tgi')
    throw new AppError(
      'unsupported',
      `${client.facts.name} does not tell the prompt that it makes of a conversation.`,
      {
        reason: 'remote_render',
      },
    );
  const { forcesCalls, templateOptions } = dialectOf(server.kind);
  const begun = input.begun ? [{ role: 'assistant', content: input.begun.text }] : [];
  const body = {
    messages: [...(await wireMessages(input.messages, model.abilities)), ...begun],
    ...wireTools(input, forcesCalls),
    ...(what.templateOptions && templateOptions !== null && { [templateOptions]: what.templateOptions }),
  };
  if (kind === 'llama') {
    const answer = (await ask(context, '/apply-template', body)) as Record<string, unknown> | null;
    const text = answer?.['prompt'];
    if (typeof text !== 'string') throw unreadableAnswer(client.facts);
    const tokens = await tokenizeText(context, text, { special: true, marks: true });
    return { text, promptTokens: tokens.length, ...shown };
  }
  const continued = input.begun ? { continue_final_message: true, add_generation_prompt: false } : {};
  const answer = await ask(context, '/tokenize', { ...body, ...continued });
  const tokens = tokensIn(answer);
  if (tokens === null) throw unreadableAnswer(client.facts);
  return {
    text: await detokenizeIds(
      context,
      tokens.map(({ id }) => id),
    ),
    promptTokens: tokens.length,
    ...shown,
  };
}

/** The tokens of an answer of any of the servers; null where there are none in it. */
function tokensIn(answer: unknown): readonly TextToken[] | null {
  const { tokens, token_strs: strings } = (Array.isArray(answer) ? { tokens: answer } : (answer ?? {})) as {
    tokens?: unknown;
    token_strs?: unknown;
  };
  if (!Array.isArray(tokens)) return null;
  const texts = Array.isArray(strings) ? strings : [];
  const found: TextToken[] = [];
  for (const [index, token] of tokens.entries()) {
    const one =
      typeof token === 'number'
        ? { id: token, piece: vocabularyText(texts[index]) }
        : (token as Record<string, unknown> | null);
    const id = countOf(one?.id);
    if (id === null) return null;
    found.push({
      id,
      text: pieceText((one as Record<string, unknown>)['piece'] ?? (one as Record<string, unknown>)['text']),
    });
  }
  return found;
}

/** Bytes that are no whole character come as a list of numbers. */
function pieceText(piece: unknown): string {
  if (typeof piece === 'string') return piece;
  if (!Array.isArray(piece)) return '';
  return new TextDecoder().decode(
    Uint8Array.from(piece.slice(0, 1000), (byte) => (typeof byte === 'number' ? byte : 0)),
  );
}

/** The signs by which vocabularies of bytes write what is no printable character, in the order of the bytes. */
const byteSigns = new Map<string, number>();
for (let byte = 0, next = 256; byte < 256; byte++) {
  const isItself = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  byteSigns.set(String.fromCharCode(isItself ? byte : next++), byte);
}

/** The text of a token as its vocabulary writes it: with U+2581 for a space, or with a sign for each byte. */
function vocabularyText(written: unknown): string {
  if (typeof written !== 'string') return '';
  if (written.includes('\u2581')) return written.replaceAll('\u2581', ' ');
  const bytes = Array.from(written, (sign) => byteSigns.get(sign));
  return bytes.every((byte) => byte !== undefined) ? new TextDecoder().decode(Uint8Array.from(bytes)) : written;
}
