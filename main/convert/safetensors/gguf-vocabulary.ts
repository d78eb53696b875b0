/** The vocabulary of a GGUF file with its long lists, which readers of headers leave out. */
import { FLOAT32, INT32, LIST, STRING, UINT8 } from '../../model-file/gguf-value-types.ts';
import { layOutGguf, type KeptEntries } from '../../model-file/gguf-writer.ts';
import { entryPlaces, type EntryPlace } from '../write/entry-places.ts';
import { tokenType, type TokenType } from '../vocabulary/token-types.ts';

export interface GgufToken {
  readonly id: number;
  readonly text: string;
  readonly type: TokenType;
  readonly score: number;
}

export interface GgufVocabulary {
  /** llama.cpp's name of the kind, such as `gpt2`; null for a file without a vocabulary. */
  readonly model: string | null;
  /** llama.cpp's name of the pre-tokenizer. */
  readonly pre: string | null;
  readonly tokens: readonly GgufToken[];
  /** `LEFT RIGHT`, from the first. */
  readonly merges: readonly string[];
  readonly characterMap: Uint8Array;
  /** Chat templates by their name, `default` for the one without. */
  readonly templates: ReadonlyMap<string, string>;
  /** A number or a flag under `tokenizer.ggml.`; null without one. */
  id(name: string): number | null;
  flag(name: string): boolean | null;
}

const PREFIX = 'tokenizer.ggml.';
const TEMPLATE = 'tokenizer.chat_template';

/** A token may begin with U+FEFF, which is no mark of an order there. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** @throws RangeError for entries that are none. */
export function readGgufVocabulary(entries: KeptEntries): GgufVocabulary {
  const { header: whole } = layOutGguf([], [], entries);
  const view = new DataView(whole.buffer, whole.byteOffset, whole.byteLength);
  const places = new Map([...entryPlaces(whole)].map((place) => [place.key, place]));
  const of = (name: string): EntryPlace | undefined => places.get(PREFIX + name);

  function texts(name: string): string[] {
    const list = listAt(of(name), STRING);
    let at = list.start;
    return Array.from({ length: list.length }, () => {
      const text = textAt(at);
      at = text.end;
      return text.text;
    });
  }
  function numbers(name: string, type: number): number[] {
    const { length, start } = listAt(of(name), type);
    const read = type === FLOAT32 ? view.getFloat32.bind(view) : view.getInt32.bind(view);
    return Array.from({ length }, (_, index) => read(start + 4 * index, true));
  }
  function listAt(place: EntryPlace | undefined, type: number): { readonly length: number; readonly start: number } {
    if (place?.type !== LIST || view.getUint32(place.valueStart, true) !== type) return { length: 0, start: 0 };
    return { length: Number(view.getBigUint64(place.valueStart + 4, true)), start: place.valueStart + 12 };
  }
  function textAt(at: number): { readonly text: string; readonly end: number } {
    const end = at + 8 + Number(view.getBigUint64(at, true));
    return { text: decoder.decode(whole.subarray(at + 8, end)), end };
  }
  const textOf = (place: EntryPlace | undefined): string | null =>
    place?.type === STRING ? textAt(place.valueStart).text : null;

  const [scores, types] = [numbers('scores', FLOAT32), numbers('token_type', INT32)];
  const map = listAt(of('precompiled_charsmap'), UINT8);
  return {
    model: textOf(of('model')),
    pre: textOf(of('pre')),
    tokens: texts('tokens').map((text, id) => ({
      ...{ id, text, score: scores[id] ?? 0 },
      type: tokenTypes.find((one) => one === types[id]) ?? 1,
    })),
    merges: texts('merges'),
    characterMap: whole.slice(map.start, map.start + map.length),
    templates: new Map(
      [...places.values()].flatMap((place) => {
        const text = place.key.startsWith(TEMPLATE) ? textOf(place) : null;
        return text === null ? [] : [[place.key.slice(TEMPLATE.length + 1) || 'default', text] as const];
      }),
    ),
    id(name) {
      const place = of(`${name}_token_id`);
      return place === undefined || place.end - place.valueStart !== 4 ? null : view.getUint32(place.valueStart, true);
    },
    flag(name) {
      const place = of(name);
      return place === undefined || place.end - place.valueStart !== 1 ? null : view.getUint8(place.valueStart) !== 0;
    },
  };
}

const tokenTypes: readonly TokenType[] = Object.values(tokenType);
