/** `hearth tokenize`: the ids of a text, and the text of ids. */
import type { EncodedToken, TokenizerSource } from '../../preload/contract/convert.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { findInApp } from './app-models.ts';
import { openConversion } from './convert/conversion.ts';
import { readTextFile } from './input-files.ts';
import { UsageError, type Invocation, type Values } from './invocation.ts';
import { connectAppOfModel } from './models-elsewhere.ts';
import { isPiped, readInput } from './prompt.ts';
import type { RunningApp } from './running-app.ts';

/** A tokenizer, wherever it runs. */
interface Tokenizer {
  /** A server elsewhere tells no more of a token than its id and its text. */
  encode(text: string, withSpecial: boolean): Promise<readonly (EncodedToken | Pick<EncodedToken, 'id' | 'text'>)[]>;
  decode(ids: readonly number[], withoutSpecial: boolean): Promise<string>;
  close(): Promise<void>;
}

/** The app's route takes no longer texts. */
const MAX_APP_TEXT = 1_000_000;
const MAX_APP_IDS = 100_000;

/**
 * Prints the token ids of a text, or with `--decode` the text of ids. @throws UsageError, AppError `tokenizer.invalid`, `hub.*`, `model.*`,
 * `not_found`.
 */
export async function runTokenize(
  values: Values<'tokenize'>,
  [reference = '', given]: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { output, signal } = invocation;
  const text = values.text === undefined ? (given ?? (await pipedText(invocation))) : await readTextFile(values.text);
  if (signal.aborted) return;
  const words = text.split(/[\s,]+/).filter((part) => part !== '');
  if (values.decode && !words.every((part) => /^\d{1,8}$/.test(part)))
    throw new UsageError('--decode takes ids, such as "1 2 3".');
  const isShort = values.decode ? words.length <= MAX_APP_IDS : text.length <= MAX_APP_TEXT;
  const tokenizer = await openTokenizer(reference, isShort, invocation);
  try {
    if (values.decode) {
      const decoded = await tokenizer.decode(words.map(Number), values['no-special']);
      return output.exactly({ text: decoded }, decoded);
    }
    const tokens = await tokenizer.encode(text, !values['no-special']);
    output.done({ tokens }, tokens.map(({ id }) => String(id)).join(' '));
  } finally {
    await tokenizer.close();
  }
}

/** What comes through a pipe in place of the argument. @throws UsageError where nothing does. */
async function pipedText({ output, signal }: Invocation): Promise<string> {
  const text = isPiped() ? await readInput(false, output, signal) : '';
  if (text === '' && !signal.aborted)
    throw new UsageError('The text is missing. It may also come from a pipe, or from --text.');
  return text;
}

/** A model's tokenizer is the running app's, which knows more models and keeps them open; a folder's and a repository's is this command's own. */
async function openTokenizer(reference: string, isShort: boolean, invocation: Invocation): Promise<Tokenizer> {
  const { signal } = invocation;
  const conversion = await openConversion(invocation, null);
  try {
    const source = await conversion.tokenizerOf(reference);
    const app = source.kind === 'model' ? await connectAppOfModel(reference, invocation) : null;
    const found = app && (await findInApp(reference, app.client, signal).catch(() => null));
    if (app && found && (isShort || found.place === 'elsewhere')) {
      await conversion.close();
      if (found.place === 'elsewhere') return tokenizerElsewhere(found.modelId, app, signal);
      return tokenizerOver(
        { kind: 'model', modelId: found.model.id },
        (input) => app.client.call('tokenizer.encode', input, { signal }),
        (input) => app.client.call('tokenizer.decode', input, { signal }),
        async () => app.close(),
      );
    }
    app?.close();
    const { convert } = conversion;
    return tokenizerOver(
      source,
      (input) => convert.encode(input, signal),
      (input) => convert.decode(input, signal),
      conversion.close,
    );
  } catch (error) {
    await conversion.close();
    throw error;
  }
}

/** The tokenizer of a server elsewhere, as the app asks it. */
function tokenizerElsewhere(modelId: string, { client, close }: RunningApp, signal: AbortSignal): Tokenizer {
  return {
    async encode(text, withEnds) {
      const order = { modelId, text, special: true, withEnds };
      return (await client.call('inference.tokenize', order, { signal })).tokens;
    },
    async decode(ids, withoutSpecial) {
      if (withoutSpecial)
        throw new AppError('unsupported', 'Servers elsewhere write special tokens too: leave --no-special out.', {
          reason: 'runs_elsewhere',
        });
      return (await client.call('inference.detokenize', { modelId, ids: [...ids] }, { signal })).text;
    },
    close: async () => close(),
  };
}

function tokenizerOver(
  source: TokenizerSource,
  encode: (input: {
    source: TokenizerSource;
    texts: string[];
    addSpecialTokens: boolean;
  }) => Promise<{ readonly results: readonly { readonly tokens: readonly EncodedToken[] }[] }>,
  decode: (input: {
    source: TokenizerSource;
    batch: number[][];
    skipSpecialTokens: boolean;
  }) => Promise<{ readonly texts: readonly string[] }>,
  close: () => Promise<void>,
): Tokenizer {
  return {
    async encode(text, withSpecial) {
      const { results } = await encode({ source, texts: [text], addSpecialTokens: withSpecial });
      return results[0]?.tokens ?? [];
    },
    async decode(ids, withoutSpecial) {
      const { texts } = await decode({ source, batch: [[...ids]], skipSpecialTokens: withoutSpecial });
      return texts[0] ?? '';
    },
    close,
  };
}
