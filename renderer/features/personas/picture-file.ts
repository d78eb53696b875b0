/** Pictures of personas from files: decoded and written anew by the browser, so that nothing but pixels is stored. */

/** Enough for the sharpest screen at the largest size that a picture is shown in. */
const MAX_EDGE = 768;
/** As main takes it. */
const MAX_BYTES = 4_000_000;

/** The picture as a PNG in base64; null for what is no picture, or one that cannot be read. */
export async function readPicture(file: Blob): Promise<string | null> {
  try {
    const bitmap = await createImageBitmap(file);
    try {
      // A photograph may be too large as a PNG even so.
      for (const edge of [MAX_EDGE, MAX_EDGE / 2]) {
        const bytes = await drawn(bitmap, edge);
        if (bytes !== null && bytes.byteLength <= MAX_BYTES) return toBase64(bytes);
      }
      return null;
    } finally {
      bitmap.close();
    }
  } catch {
    return null;
  }
}

async function drawn(bitmap: ImageBitmap, maxEdge: number): Promise<Uint8Array | null> {
  const scale = Math.min(1, maxEdge / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  if (!context) return null;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  return blob && new Uint8Array(await blob.arrayBuffer());
}

/** Letters of one call: more arguments would overflow the stack. */
const CHUNK = 32_768;

export function toBase64(bytes: Uint8Array): string {
  let letters = '';
  for (let at = 0; at < bytes.length; at += CHUNK) letters += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(letters);
}

export function fromBase64(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
