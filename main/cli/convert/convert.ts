/** `hearth convert`, `quantize`, `imatrix` and `verify`. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Verification } from '../../../preload/contract/convert.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { formatInteger } from '../../base/format.ts';
import { placeOfFolder, placeOfRepository } from '../../convert/convert.ts';
import { readTextFile } from '../input-files.ts';
import { UsageError, type Invocation, type Values } from '../invocation.ts';
import { inConversion, outputPath, stemOf } from './conversion.ts';
import { describeCheck, describeFit, describeOutputs } from './outputs-table.ts';
import { quantizeOptions, threadsOption, typeOption } from './quantize-options.ts';
import type { WorkPlace } from './work-folder.ts';

/** A repository or a folder to a GGUF file, or with `--check` what it would become. @throws UsageError, AppError `convert.*`, `hub.*`, `disk.*`. */
export async function runConvert(
  values: Values<'convert'>,
  [reference = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { output, signal } = invocation;
  const wanted = values.to === undefined ? null : typeOption(values.to);
  const options = quantizeOptions(values);
  const threads = threadsOption(values);
  const folder = path.dirname(outputPath(values, 'model.safetensors'));
  const place = values.check ? null : workPlace('convert', folder, reference, values);
  await inConversion(
    invocation,
    place,
    async (conversion) => {
      const source = conversion.sourceOf(reference);
      if (values.check) await conversion.measureMemory();
      const check = await conversion.convert.check({ source }, signal);
      const [refusal] = check.refusals;
      if (values.check) output.done(check, describeCheck(check, values.all));
      if (refusal !== undefined) throw new AppError(refusal.code, refusal.message, refusal.data);
      if (values.check) return;
      const type = wanted ?? check.outputs.find(({ isRecommended }) => isRecommended)?.type ?? 'F16';
      const { stem } = check.repoId === null ? placeOfFolder(reference) : placeOfRepository(check.repoId);
      const target = outputPath(values, `${stem}-${type}.gguf`);
      await conversion.begin(check.revision ?? (await stateOfFolder(reference)));
      const { modelId, detail } = await conversion.run(() =>
        conversion.convert.start({ source, type, keepSource: values['keep-source'], quantize: options }, signal),
      );
      await conversion.take(modelId, target);
      output.done({ type: 'done', path: target, outputType: type, ...detail }, target);
    },
    threads,
  );
}

/** A GGUF file in another type, or with `--check` what it can become. @throws UsageError, AppError `convert.*`, `model.*`, `disk.*`. */
export async function runQuantize(
  values: Values<'quantize'>,
  [model = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { output, signal } = invocation;
  const type = values.to === undefined ? null : typeOption(values.to);
  if (type === null && !values.check) throw new UsageError('"quantize" needs --to TYPE, such as Q4_K_M.');
  const options = quantizeOptions(values);
  const threads = threadsOption(values);
  const stem = await stemOf(model, invocation);
  if (type === null)
    return await inConversion(invocation, null, async (conversion) => {
      await conversion.measureMemory();
      const found = await conversion.convert.outputs({ modelId: model }, signal);
      output.done(found, describeOutputs(stem, found, values.all));
    });
  if (values.check)
    return await inConversion(invocation, null, async (conversion) => {
      await conversion.measureMemory();
      const found = await conversion.convert.predictSize({ modelId: model, type, options }, signal);
      const words = `${type}: ${formatInteger(found.sizeBytes)} bytes, ${describeFit(found.fit)}`;
      output.done({ outputType: type, ...found }, words);
    });
  const target = outputPath(values, `${stem}-${type}.gguf`);
  await inConversion(
    invocation,
    workPlace('quantize', path.dirname(target), model, values),
    async (conversion) => {
      await conversion.begin(await stateOfFile(model));
      const { modelId, detail } = await conversion.run(() =>
        conversion.convert.quantize({ modelId: model, type, options }),
      );
      await conversion.take(modelId, target);
      output.done({ type: 'done', path: target, outputType: type, ...detail }, target);
    },
    threads,
  );
}

/** An importance matrix of a model. @throws UsageError, AppError `convert.*`, `model.*`, `disk.*`. */
export async function runImatrix(
  values: Values<'imatrix'>,
  [model = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const target = outputPath(values, `${await stemOf(model, invocation)}-imatrix.gguf`);
  const text = values.text === undefined ? null : await readTextFile(values.text);
  await inConversion(invocation, workPlace('imatrix', path.dirname(target), model, values), async (conversion) => {
    await conversion.begin(await stateOfFile(model));
    const { modelId, detail } = await conversion.run(() => conversion.convert.imatrix({ modelId: model, text }));
    await conversion.take(modelId, target);
    invocation.output.done({ type: 'done', path: target, ...detail }, target);
  });
}

/** Whether a model runs, and with `--source` whether its tokenizer is that of its checkpoint. @throws AppError `convert.invalid` where not. */
export async function runVerify(
  values: Values<'verify'>,
  [model = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  await inConversion(invocation, null, async (conversion) => {
    const source = values.source === undefined ? null : conversion.sourceOf(values.source);
    const { detail } = await conversion.run(() => conversion.convert.verify({ modelId: model, source }));
    const found = detail?.code === 'converted' ? detail.verification : null;
    if (found?.result !== 'passed') {
      const why = found?.error?.message ?? describeMismatch(found?.tokenizer ?? null);
      throw new AppError('convert.invalid', why, { reason: 'verification', detail: why });
    }
    const texts = found.tokenizer === null ? '' : `${String(found.tokenizer.textCount)} texts have equal ids. `;
    invocation.output.done(
      { type: 'done', ...found },
      `${texts}It wrote: ${JSON.stringify(found.generated?.text ?? '')}`,
    );
  });
}

/** How many texts have other ids, and the first of them with both. */
export function describeMismatch(tokenizer: Verification['tokenizer']): string {
  if (tokenizer === null) return 'The verification failed.';
  const { mismatchCount, textCount, firstMismatch } = tokenizer;
  const counts = `The tokenizer gives other ids for ${formatInteger(mismatchCount)} of ${formatInteger(textCount)} texts`;
  if (firstMismatch === null) return `${counts}.`;
  const { text, expected, found } = firstMismatch;
  return `${counts}, first for ${JSON.stringify(text)}: ${shownIds(found)} in place of ${shownIds(expected)}.`;
}

const MAX_SHOWN_IDS = 12;

function shownIds(ids: readonly number[]): string {
  if (ids.length === 0) return 'none';
  return ids.slice(0, MAX_SHOWN_IDS).join(' ') + (ids.length > MAX_SHOWN_IDS ? ' …' : '');
}

/** Size and time of a file; empty for what is no file, such as a model of the cache, whose bytes never change. */
export async function stateOfFile(file: string): Promise<string> {
  const info = await stat(file).catch(() => null);
  return info === null ? '' : `${String(info.size)} ${String(info.mtimeMs)}`;
}

/** The states of the files in a folder; empty for what is none. */
export async function stateOfFolder(folder: string): Promise<string> {
  const names = (await readdir(folder).catch((): string[] => [])).sort();
  const states = await Promise.all(names.map((name) => stateOfFile(path.join(folder, name))));
  return names.map((name, at) => `${name} ${states[at] ?? ''}`).join('\n');
}

/** The place of a command whose output is in `folder`. Another number of threads gives the same output. */
export const workPlace = (command: string, folder: string, reference: string, values: object): WorkPlace => ({
  folder,
  command: JSON.stringify([command, path.resolve(reference), reference, { ...values, threads: undefined }]),
});
