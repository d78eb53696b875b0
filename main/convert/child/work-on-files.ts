/** One piece of work on GGUF files: dividing, joining, or writing them as safetensors. */
import path from 'node:path';
import { exportSafetensors } from '../safetensors/export-safetensors.ts';
import { mergeModel, splitModel, type WrittenFile } from '../split/split.ts';
import type { CopyContext } from '../split/write-together.ts';
import type { FilesRequest, WrittenFiles } from './protocol.ts';

/** Answers the files that it wrote. @throws AppError as `splitModel`, `mergeModel` and `exportSafetensors`. */
export async function workOnFiles(request: FilesRequest, context: CopyContext): Promise<WrittenFiles> {
  switch (request.kind) {
    case 'split':
      return together(await splitModel(request, context));
    case 'merge':
      return together([await mergeModel(request, context)]);
    case 'export': {
      const { files, sizeBytes } = await exportSafetensors(request, context);
      return { paths: files.map((name) => path.join(request.outputFolder, name)), sizeBytes };
    }
    default:
      return request satisfies never;
  }
}

const together = (files: readonly WrittenFile[]): WrittenFiles => ({
  paths: files.map((file) => file.path),
  sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
});
