import { writeGguf } from './written-gguf.ts';

/** A projector by its header only: one tensor. */
export function writeProjector(file: string): void {
  writeGguf(file, { 'general.architecture': 'clip', 'general.type': 'mmproj' }, [
    { name: 'mm.0.weight', sizes: [8], type: 0, bytes: Buffer.alloc(32) },
  ]);
}
