/** Writes small WebAssembly modules: instructions as bytes, after the binary format of the specification (WebAssembly 2.0, part 5). */

/** Bytes of instructions. Those of an expression leave one value. */
export type Code = readonly number[];

const I32 = 0x7f;
const VECTOR = 0x7b;
const EMPTY_BLOCK = 0x40;
const END = 0x0b;

/** LEB128, as all numbers of the format are written. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

function signed(value: number): Code {
  const bytes: number[] = [];
  for (let rest = value | 0; ; rest >>= 7) {
    if (rest >= -0x40 && rest < 0x40) return [...bytes, rest & 0x7f];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

const littleEndian = (values: Float32Array | Int32Array): Code => [...new Uint8Array(values.buffer)];

/** An instruction after its operands. */
const plain =
  (opcode: number) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), opcode];

/** The same for instructions over vectors of 128 bits. */
const vector = (opcode: number): ((...operands: readonly Code[]) => Code) => {
  const bytes = [0xfd, ...unsigned(opcode)];
  return (...operands) => [...operands.flat(), ...bytes];
};

const shifted =
  (opcode: number) =>
  (value: Code, bits: number): Code => [...value, ...i32.const(bits), 0xfd, ...unsigned(opcode)];

/** A place in memory: an address and a distance, with an alignment as the exponent of two that the instruction wants. */
const access = (distance: number, alignment = 0): Code => [alignment, ...unsigned(distance)];

export const local = {
  get: (index: number): Code => [0x20, ...unsigned(index)],
  set: (index: number, value: Code): Code => [...value, 0x21, ...unsigned(index)],
};

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  add: plain(0x6a),
  lessThan: plain(0x49),
  store16: (address: Code, value: Code, distance: number): Code => [...address, ...value, 0x3b, ...access(distance)],
};

/** Vectors, named as in the specification. */
export const v128 = {
  load: (address: Code, distance: number): Code => [...address, 0xfd, 0, ...access(distance)],
  store: (address: Code, value: Code, distance: number): Code => [...address, ...value, 0xfd, 11, ...access(distance)],
  /** Four integers, or four numbers, that are the same. */
  i32s: (value: number): Code => [0xfd, 12, ...littleEndian(new Int32Array(4).fill(value))],
  f32s: (value: number): Code => [0xfd, 12, ...littleEndian(new Float32Array(4).fill(value))],
  /** The bytes of two vectors at these places, of 32. */
  shuffle: (a: Code, b: Code, places: Code): Code => [...a, ...b, 0xfd, 13, ...places],
  and: vector(78),
  andNot: vector(79),
  or: vector(80),
  xor: vector(81),
  select: vector(82),
  anyTrue: vector(83),
  extractFirstI32: (value: Code): Code => [...value, 0xfd, 27, 0],
};

export const i16x8 = {
  lessThan: vector(47),
  max: vector(152),
  moreThan: vector(49),
  narrow: vector(133),
  narrowUnsigned: vector(134),
  shiftLeft: shifted(139),
  subtract: vector(145),
};

export const i8x16 = { narrow: vector(101) };

export const i32x4 = {
  lessThan: vector(57),
  moreThan: vector(59),
  extendLowUnsigned: vector(169),
  extendHighUnsigned: vector(170),
  shiftLeft: shifted(171),
  shiftRight: shifted(172),
  shiftRightUnsigned: shifted(173),
  add: vector(174),
  subtract: vector(177),
  min: vector(182),
  max: vector(184),
  truncate: vector(248),
};

export const f32x4 = {
  equal: vector(65),
  lessThan: vector(67),
  atLeast: vector(70),
  truncate: vector(105),
  add: vector(228),
  subtract: vector(229),
  multiply: vector(230),
  divide: vector(231),
};

/** Repeats `body` until `condition`, which is computed behind it, is zero. */
export const repeatWhile = (body: Code, condition: Code): Code => [
  ...[0x03, EMPTY_BLOCK],
  ...body,
  ...condition,
  ...[0x0d, 0],
  END,
];

export const when = (condition: Code, then: Code): Code => [...condition, 0x04, EMPTY_BLOCK, ...then, END];

/** A function of integers that answers one. */
export interface WasmFunction {
  readonly name: string;
  readonly parameterCount: number;
  /** Locals behind the parameters: first the integers, then the vectors. */
  readonly integerCount: number;
  readonly vectorCount: number;
  readonly body: Code;
}

const list = (entries: readonly Code[]): Code => [...unsigned(entries.length), ...entries.flat()];
const section = (id: number, entries: readonly Code[]): Code => {
  const content = list(entries);
  return [id, ...unsigned(content.length), ...content];
};
const text = (value: string): Code => list([...new TextEncoder().encode(value)].map((byte) => [byte]));

/** A module with these functions, over the memory that it imports as `host.memory`. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const bodies = functions.map(({ integerCount, vectorCount, body }) => {
    const locals = list([
      [...unsigned(integerCount), I32],
      [...unsigned(vectorCount), VECTOR],
    ]);
    return [...unsigned(locals.length + body.length + 1), ...locals, ...body, END];
  });
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      functions.map(({ parameterCount }) => [
        0x60,
        ...list(Array.from({ length: parameterCount }, () => [I32])),
        ...list([[I32]]),
      ]),
    ),
    ...section(2, [[...text('host'), ...text('memory'), 0x02, 0x00, 1]]),
    ...section(
      3,
      functions.map((_, index) => unsigned(index)),
    ),
    ...section(
      7,
      functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]),
    ),
    ...section(10, bodies),
  ]);
}
