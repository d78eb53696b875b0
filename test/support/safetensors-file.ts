/** Writes safetensors files for tests, right ones and wrong ones. */
export interface MadeTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** A file of any header text and any data. */
export function rawSafetensors(header: string, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + text.byteLength + data.byteLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.byteLength), true);
  file.set(text, 8);
  file.set(data, 8 + text.byteLength);
  return file;
}

/** A file of tensors, one after another in their order. */
export function madeSafetensors(tensors: Readonly<Record<string, MadeTensor>>): Uint8Array {
  const entries: string[] = ['"__metadata__":{"format":"pt"}'];
  const total = Object.values(tensors).reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  const data = new Uint8Array(total);
  let at = 0;
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    data.set(bytes, at);
    const offsets = [at, (at += bytes.byteLength)];
    entries.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: offsets })}`);
  }
  return rawSafetensors(`{${entries.join(',')}}`, data);
}
