/** Quantizes a model with llama_model_quantize. The call cannot be stopped; who cancels it ends the process. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { shownName } from '../../main/base/foreign-text.ts';
import { shardPaths } from '../../main/model-file/shards.ts';
import { onThread } from '../library/functions.ts';
import { createArena, type Arena } from '../library/memory.ts';
import type { Llama } from '../library/llama.ts';
import type { QuantizeEvent, QuantizePlan, QuantizeRequest, QuantizeSettings } from '../protocol.ts';
import { invalid, libraryError, refused } from './errors.ts';
import { readImatrix } from './imatrix-file.ts';
import { quantizeParameters } from './parameters.ts';
import { planQuantization, type QuantizeInput } from './plan.ts';

async function prepare(llama: Llama, settings: QuantizeSettings, arena: Arena): Promise<QuantizeInput> {
  const { imatrixPath = null } = settings;
  const imatrix = imatrixPath === null ? null : await readImatrix(imatrixPath);
  return { settings, imatrix, parameters: quantizeParameters(llama, settings, imatrix, arena) };
}

/** The latest plan of this process, which does one piece of work. */
let latest: { readonly key: string; readonly plan: QuantizePlan } | undefined;

/** Everything that a plan depends on. */
function keyOf({ outputPath: _, ...settings }: QuantizeSettings & { readonly outputPath?: string }): string {
  return JSON.stringify(settings);
}

async function planned(llama: Llama, input: QuantizeInput): Promise<QuantizePlan> {
  const key = keyOf(input.settings);
  if (latest?.key !== key) latest = { key, plan: await planQuantization(llama, input) };
  return latest.plan;
}

/** What `quantize` would do. Throws as `planQuantization` says. */
export async function plan(llama: Llama, settings: QuantizeSettings): Promise<QuantizePlan> {
  using arena = createArena();
  return await planned(llama, await prepare(llama, settings, arena));
}

/** Pieces of text that begin the work on a tensor: `[   2/  47] token_embd.weight  - [...`. */
const tensorStart = /^\[ *\d+\/ *\d+\] /;

/**
 * Writes the quantized model, and tells each tensor when its turn comes.
 * @throws AppError as `planQuantization` says; `convert.unsupported` (`reason: 'imatrix_needed'`); `convert.invalid`
 * (`reason: 'size_differs'`) when the output is not what was planned.
 */
export async function* quantize(llama: Llama, request: QuantizeRequest): AsyncGenerator<QuantizeEvent> {
  using arena = createArena();
  const input = await prepare(llama, request, arena);
  const toDo = await planned(llama, input);
  if (toDo.needsImatrix !== null)
    throw refused(
      'imatrix_needed',
      `${request.fileType} needs an importance matrix: ${shownName(toDo.needsImatrix)} would be of no use without one.`,
      { tensor: shownName(toDo.needsImatrix), type: request.fileType },
    );
  const isSplit = toDo.fileBytes.length > 1;
  // The library opens its output by the name's bytes, which Windows reads in the code page: only a plain name is the same in both.
  process.chdir(path.dirname(request.outputPath));
  const outputName = path.basename(request.outputPath);
  const given = isSplit ? outputName.replace(/\.gguf$/, '') : outputName;

  let started = 0;
  let told = 0;
  let wake = (): void => {};
  let isDone = false;
  llama.log.clearErrors();
  llama.log.listen((text) => {
    if (!tensorStart.test(text)) return;
    started++;
    wake();
  });
  const work = onThread(llama.quantize, path.resolve(request.inputPath), given, {
    ...input.parameters,
    keep_split: isSplit,
  }).finally(() => {
    isDone = true;
    wake();
  });
  work.catch(() => {}); // awaited below
  const totalBytes = toDo.tensors.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let doneBytes = 0;
  try {
    while (!isDone || told < started) {
      const next = toDo.tensors[told];
      if (told < started && next !== undefined) {
        yield {
          type: 'tensor',
          index: told,
          count: toDo.tensors.length,
          name: next.name,
          doneBytes,
          totalBytes,
        };
        doneBytes += next.sizeBytes;
        told++;
      } else if (told < started) told++;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    if ((await work) !== 0) throw libraryError(llama.log.errors());
  } finally {
    llama.log.listen(null);
  }
  yield { type: 'done', files: checkOutput(given, toDo) };
}

/** The files that were written, which must have the sizes that were planned. */
function checkOutput(given: string, { fileBytes }: QuantizePlan): { name: string; sizeBytes: number }[] {
  const digits = String(fileBytes.length).padStart(5, '0');
  const names = fileBytes.length > 1 ? shardPaths(`${given}-00001-of-${digits}.gguf`) : [given];
  return names.map((name, index) => {
    const { size } = statSync(name);
    if (size !== fileBytes[index])
      throw invalid('size_differs', `The output has ${size} bytes; ${fileBytes[index] ?? 0} were planned.`, {
        expected: fileBytes[index] ?? 0,
        found: size,
      });
    return { name, sizeBytes: size };
  });
}
