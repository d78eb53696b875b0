/** `hearth convert`, `quantize`, `imatrix` and `tokenize`. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ConversionCheck } from '../../../preload/contract/convert.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { formatBytes } from '../../base/format.ts';
import { openConversion, outputPath } from './conversion.ts';
import { readTextFile } from '../input-files.ts';
import { UsageError, type Invocation, type Values } from '../invocation.ts';
import { quantizeOptions, typeOption } from './quantize-options.ts';
import type { WorkPlace } from './work-folder.ts';

/** A repository or a folder to a GGUF file, or with `--check` what it would become. @throws UsageError, AppError `convert.*`, `hub.*`, `disk.*`. */
export async function runConvert(
  values: Values,
  [reference = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { output, signal } = invocation;
  const folder = path.dirname(path.resolve(values.output ?? 'model.gguf'));
  const options = quantizeOptions(values);
  const conversion = await openConversion(
    invocation,
    values.check ? null : workPlace('convert', folder, reference, values),
  );
  try {
    const source = conversion.sourceOf(reference);
    const check = await conversion.convert.check({ source }, signal);
    const [refusal] = check.refusals;
    if (values.check) {
      output.done(check, describeCheck(check));
      if (refusal !== undefined) throw new AppError(refusal.code, refusal.message, refusal.data);
      return;
    }
    if (refusal !== undefined) throw new AppError(refusal.code, refusal.message, refusal.data);
    const best = check.outputs.find(({ isRecommended }) => isRecommended)?.type ?? 'F16';
    const type = values.to === undefined ? best : typeOption(values.to);
    const target = outputPath(values, `${path.basename(check.name)}-${type}.gguf`);
    await conversion.begin(check.revision ?? (await stateOfFolder(reference)));
    const { modelId, detail } = await conversion.run(() =>
      conversion.convert.start({ source, type, keepSource: values['keep-source'], quantize: options }, signal),
    );
    await conversion.take(modelId, target);
    output.done({ type: 'done', path: target, outputType: type, ...detail }, target);
  } finally {
    await conversion.close();
  }
}

/** A GGUF file in another type. @throws UsageError, AppError `convert.*`, `model.*`, `disk.*`. */
export async function runQuantize(
  values: Values,
  [model = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  if (values.to === undefined) throw new UsageError('"quantize" needs --to TYPE, such as Q4_K_M.');
  const type = typeOption(values.to);
  const options = quantizeOptions(values);
  const stem = path.basename(model.replace(/\.gguf$/i, '')).replace(/[-.](?:F32|F16|BF16)$/i, '');
  const target = outputPath(values, `${stem}-${type}.gguf`);
  const conversion = await openConversion(invocation, workPlace('quantize', path.dirname(target), model, values));
  try {
    await conversion.begin(await stateOfFile(model));
    const { modelId, detail } = await conversion.run(() =>
      conversion.convert.quantize({ modelId: model, type, options }),
    );
    await conversion.take(modelId, target);
    invocation.output.done({ type: 'done', path: target, outputType: type, ...detail }, target);
  } finally {
    await conversion.close();
  }
}

/** An importance matrix of a model. @throws UsageError, AppError `convert.*`, `model.*`, `disk.*`. */
export async function runImatrix(
  values: Values,
  [model = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const stem = path.basename(model.replace(/\.gguf$/i, ''));
  const target = outputPath(values, `${stem}-imatrix.gguf`);
  const text = values.text === undefined ? null : await readTextFile(values.text);
  const conversion = await openConversion(invocation, workPlace('imatrix', path.dirname(target), model, values));
  try {
    await conversion.begin(await stateOfFile(model));
    const { modelId, detail } = await conversion.run(() => conversion.convert.imatrix({ modelId: model, text }));
    await conversion.take(modelId, target);
    invocation.output.done({ type: 'done', path: target, ...detail }, target);
  } finally {
    await conversion.close();
  }
}

/** Whether a model runs, and with `--source` whether its tokenizer is that of its checkpoint. @throws AppError `convert.invalid` where not. */
export async function runVerify(
  values: Values,
  [model = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const conversion = await openConversion(invocation, null);
  try {
    const source = values.source === undefined ? null : conversion.sourceOf(values.source);
    const { detail } = await conversion.run(() => conversion.convert.verify({ modelId: model, source }));
    const found = detail?.code === 'converted' ? detail.verification : null;
    if (found?.result !== 'passed') {
      const count = found?.tokenizer?.mismatchCount ?? 0;
      const why = found?.error?.message ?? `The tokenizer gives other ids for ${String(count)} texts.`;
      throw new AppError('convert.invalid', why, { reason: 'verification', detail: why });
    }
    const texts = found.tokenizer === null ? '' : `${String(found.tokenizer.textCount)} texts have equal ids. `;
    invocation.output.done(
      { type: 'done', ...found },
      `${texts}It wrote: ${JSON.stringify(found.generated?.text ?? '')}`,
    );
  } finally {
    await conversion.close();
  }
}

/** The token ids of a text, or with `--decode` the text of ids. @throws UsageError, AppError `tokenizer.invalid`, `hub.*`. */
export async function runTokenize(
  values: Values,
  [reference = '', text = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { output, signal } = invocation;
  const conversion = await openConversion(invocation, null);
  try {
    const source = conversion.sourceOf(reference);
    if (values.decode) {
      const ids = text.split(/[\s,]+/).filter((part) => part !== '');
      if (!ids.every((part) => /^\d{1,8}$/.test(part))) throw new UsageError('--decode takes ids, such as "1 2 3".');
      const { texts } = await conversion.convert.decode(
        { source, batch: [ids.map(Number)], skipSpecialTokens: values['no-special'] },
        signal,
      );
      return output.exactly({ text: texts[0] ?? '' }, texts[0] ?? '');
    }
    const { results } = await conversion.convert.encode(
      { source, texts: [text], addSpecialTokens: !values['no-special'] },
      signal,
    );
    const tokens = results[0]?.tokens ?? [];
    output.done({ tokens }, tokens.map(({ id }) => String(id)).join(' '));
  } finally {
    await conversion.close();
  }
}

/** Size and time of a file; empty for what is no file, such as a model of the cache, whose bytes never change. */
async function stateOfFile(file: string): Promise<string> {
  const info = await stat(file).catch(() => null);
  return info === null ? '' : `${String(info.size)} ${String(info.mtimeMs)}`;
}

async function stateOfFolder(folder: string): Promise<string> {
  const names = (await readdir(folder).catch((): string[] => [])).sort();
  const states = await Promise.all(names.map((name) => stateOfFile(path.join(folder, name))));
  return names.map((name, at) => `${name} ${states[at] ?? ''}`).join('\n');
}

const workPlace = (command: string, folder: string, reference: string, values: Values): WorkPlace => ({
  folder,
  command: JSON.stringify([command, path.resolve(reference), reference, values]),
});

/** The check in lines: what it is, and each output with its size. */
function describeCheck(check: ConversionCheck): string {
  const { name, refusals, architecture, tokenizer, parameterCount, outputs } = check;
  if (refusals.length > 0)
    return [`${name} cannot be converted:`, ...refusals.map(({ message }) => `  ${message}`)].join('\n');
  const facts = [architecture, tokenizer?.pre ?? tokenizer?.model, `${String(parameterCount ?? '?')} parameters`];
  return [
    `${name}: ${facts.join(', ')}`,
    ...outputs.map(
      ({ type, sizeBytes, fit, isRecommended }) =>
        `  ${type.padEnd(8)} ${formatBytes(sizeBytes).padStart(9)}  ${fit.verdict}${isRecommended ? ', recommended' : ''}`,
    ),
  ].join('\n');
}
