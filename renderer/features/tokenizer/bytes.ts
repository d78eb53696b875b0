/** Tokens that are parts of characters, as a person can read them. */

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes of a token, given in hexadecimal: whole characters as they are, parts of characters as `<E6 97>`. */
export function shownBytes(hex: string): string {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  let shown = '';
  let parts: string[] = [];
  const endParts = (): void => {
    if (parts.length > 0) shown += `<${parts.join(' ')}>`;
    parts = [];
  };
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at] ?? 0;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const char = charAt(bytes.subarray(at, at + length));
    if (char === null) {
      parts.push(lead.toString(16).toUpperCase().padStart(2, '0'));
      at += 1;
      continue;
    }
    endParts();
    shown += char;
    at += length;
  }
  endParts();
  return shown;
}

function charAt(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
