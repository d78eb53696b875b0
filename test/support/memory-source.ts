import type { CheckpointSource } from '../../main/convert/checkpoint/checkpoint-source.ts';

/** A checkpoint of files in memory. */
export function memorySource(files: Readonly<Record<string, Uint8Array>>): CheckpointSource {
  return {
    files: Object.entries(files).map(([path, { byteLength }]) => ({
      ...{ path, sizeBytes: byteLength, sha256: null, modifiedAtMs: null },
    })),
    commit: null,
    read: async (path, start, end) => {
      const bytes = files[path];
      if (!bytes || start < 0 || end > bytes.byteLength)
        throw new RangeError(`${path} has no bytes to ${String(end)}.`);
      return bytes.slice(start, end);
    },
    assertUnchanged: async () => {},
    close: async () => {},
  };
}
