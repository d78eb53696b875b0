/**
 * A SentencePiece model file (`tokenizer.model`, `spiece.model`): a protobuf message ModelProto, after sentencepiece_model.proto of the
 * sentencepiece project. Only the fields that a vocabulary needs are read; each length is checked against the bytes that are there.
 */
import { invalidTokenizer } from '../refusals.ts';
import { checkedToken, MAX_TOKENS } from '../tokenizer-structure.ts';

/** The names that such a file has in a checkpoint. */
export const sentencePieceFiles: readonly string[] = ['tokenizer.model', 'spiece.model', 'sentencepiece.bpe.model'];

/** How the model divides a text; the numbers are the format's. */
export type SentencePieceAlgorithm = 'unigram' | 'bpe' | 'word' | 'char';
export type PieceType = 'normal' | 'unknown' | 'control' | 'user_defined' | 'unused' | 'byte';

export interface Piece {
  readonly text: string;
  readonly score: number;
  readonly type: PieceType;
}

export interface SentencePieceModel {
  readonly algorithm: SentencePieceAlgorithm;
  readonly pieces: readonly Piece[];
  readonly unknownId: number;
  /** Negative without such a token. */
  readonly beginId: number;
  readonly endId: number;
  /** Whether a space is put before the text. */
  readonly addsPrefixSpace: boolean;
  readonly removesExtraSpaces: boolean;
  readonly spaceIsSuffix: boolean;
  /** The normalizer's table of replacements; empty without one. */
  readonly characterMap: Uint8Array;
}

const algorithms: Readonly<Record<number, SentencePieceAlgorithm>> = { 1: 'unigram', 2: 'bpe', 3: 'word', 4: 'char' };
const pieceTypes: Readonly<Record<number, PieceType>> = {
  1: 'normal',
  2: 'unknown',
  3: 'control',
  4: 'user_defined',
  5: 'unused',
  6: 'byte',
};

/** Whether a file begins as a ModelProto does: with a piece. */
export function looksLikeSentencePiece(bytes: Uint8Array): boolean {
  return bytes[0] === 0x0a;
}

/** Whether a file is a list of tokens for tiktoken: lines with a token in Base64 and its rank, as Llama 3's tokenizer.model. */
export function looksLikeTiktoken(bytes: Uint8Array): boolean {
  return /^[A-Za-z0-9+/]+={0,2} \d+\r?\n/.test(new TextDecoder('latin1').decode(bytes.subarray(0, 1024)));
}

/** @throws AppError `tokenizer.invalid` where the bytes are no such message. */
export function readSentencePieceModel(file: string, bytes: Uint8Array): SentencePieceModel {
  const pieces: Piece[] = [];
  const ids = new Map<string, number>();
  let trainer: Message = emptyMessage();
  let normalizer: Message = emptyMessage();
  for (const { number, value } of fields(file, bytes)) {
    if (!(value instanceof Uint8Array)) continue;
    if (number === 1) {
      const piece = readPiece(file, value);
      const same = ids.get(piece.text);
      if (same !== undefined)
        throw invalidTokenizer(
          file,
          'token_id',
          `Pieces ${same} and ${pieces.length} are both ${JSON.stringify(piece.text)}.`,
        );
      ids.set(piece.text, pieces.length);
      pieces.push(piece);
      if (pieces.length > MAX_TOKENS) throw invalidTokenizer(file, 'vocab', `It has more than ${MAX_TOKENS} pieces.`);
    } else if (number === 2) trainer = message(file, value);
    else if (number === 3) normalizer = message(file, value);
  }
  if (pieces.length === 0) throw invalidTokenizer(file, 'vocab', 'It is no SentencePiece model: it has no pieces.');
  const algorithm = algorithms[trainer.number(3) ?? 1];
  if (algorithm === undefined) throw invalidTokenizer(file, 'model', `Its model type ${trainer.number(3)} is unknown.`);
  return {
    algorithm,
    pieces,
    unknownId: signed(trainer.number(40) ?? 0),
    beginId: signed(trainer.number(41) ?? 1),
    endId: signed(trainer.number(42) ?? 2),
    spaceIsSuffix: trainer.number(24) === 1,
    addsPrefixSpace: (normalizer.number(3) ?? 1) !== 0,
    removesExtraSpaces: (normalizer.number(4) ?? 1) !== 0,
    characterMap: normalizer.bytes(2) ?? new Uint8Array(),
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The ids of XLM-RoBERTa, which fairseq gave: four tokens of its own, the pieces behind the first three, and the mask. */
export function withIdsOfFairseq(model: SentencePieceModel): SentencePieceModel {
  const own = (text: string, type: PieceType): Piece => ({ text, score: 0, type });
  return {
    ...model,
    ...{ unknownId: 3, beginId: 0, endId: 2 },
    pieces: [
      ...['<s>', '<pad>', '</s>'].map((text) => own(text, 'control')),
      own('<unk>', 'unknown'),
      ...model.pieces.slice(3).map((piece): Piece =>
        // llama.cpp's converter knows no pieces of users in these models.
        piece.type === 'user_defined' ? { ...piece, type: 'normal' } : piece,
      ),
      own('<mask>', 'control'),
    ],
  };
}

function readPiece(file: string, bytes: Uint8Array): Piece {
  const fieldsOf = message(file, bytes);
  const text = fieldsOf.bytes(1);
  const type = pieceTypes[fieldsOf.number(3) ?? 1];
  if (text === null || type === undefined)
    throw invalidTokenizer(file, 'vocab', 'A piece has no text, or no type that is known.');
  try {
    return { text: checkedToken(file, utf8.decode(text)), score: fieldsOf.float(2) ?? 0, type };
  } catch (error) {
    if (error instanceof TypeError) throw invalidTokenizer(file, 'encoding', 'A piece is no UTF-8 text.');
    throw error;
  }
}

/** Of a field that stands more than once, the last value counts, as protobuf has it. */
interface Message {
  number(field: number): number | null;
  float(field: number): number | null;
  bytes(field: number): Uint8Array | null;
}

function emptyMessage(): Message {
  return { number: () => null, float: () => null, bytes: () => null };
}

function message(file: string, bytes: Uint8Array): Message {
  const values = new Map<number, FieldValue>();
  for (const { number, value } of fields(file, bytes)) values.set(number, value);
  return {
    number(field) {
      const value = values.get(field);
      return typeof value === 'number' ? value : null;
    },
    float(field) {
      const value = values.get(field);
      return value instanceof DataView ? value.getFloat32(0, true) : null;
    },
    bytes(field) {
      const value = values.get(field);
      return value instanceof Uint8Array ? value : null;
    },
  };
}

/** A number of variable length, four bytes, or a length with bytes. Values of eight bytes are passed over. */
type FieldValue = number | DataView | Uint8Array;

interface Field {
  readonly number: number;
  readonly value: FieldValue;
}

function* fields(file: string, bytes: Uint8Array): Generator<Field> {
  let at = 0;
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield { number, value: varint() };
        break;
      case 1:
        take(8);
        break;
      case 2:
        yield { number, value: take(varint()) };
        break;
      case 5: {
        const four = take(4);
        yield { number, value: new DataView(four.buffer, four.byteOffset, 4) };
        break;
      }
      default:
        throw invalidTokenizer(file, 'format', `It is no SentencePiece model: byte ${at} begins no field.`);
    }
  }

  function take(length: number): Uint8Array {
    if (length > bytes.length - at)
      throw invalidTokenizer(file, 'truncated', 'It is no SentencePiece model, or its end is missing.');
    at += length;
    return bytes.subarray(at - length, at);
  }

  /** Seven bits a byte, the lowest first. Beyond 53 bits the value is only near, as that of a negative number. */
  function varint(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count += 1) {
      const byte = take(1)[0] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw invalidTokenizer(file, 'format', `It is no SentencePiece model: a number at byte ${at} does not end.`);
  }
}

/** An id. Negative ones are written as numbers of 64 bits. */
function signed(value: number): number {
  return value >= 2 ** 31 ? -1 : value;
}
