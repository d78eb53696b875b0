/** `hearth convert`, `quantize`, `imatrix` and `tokenize`. */
import path from 'node:path';
import type { ConversionCheck } from '../../preload/contract/convert.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { formatBytes } from '../base/format.ts';
import { openConversion, outputPath, quantizeOptions, typeOption } from './conversion.ts';
import { readTextFile } from './input-files.ts';
import { UsageError, type Invocation, type Values } from './invocation.ts';

/** A repository or a folder to a GGUF file, or with `--check` what it would become. @throws UsageError, AppError `convert.*`, `hub.*`, `disk.*`. */
export async function runConvert(
  values: Values,
  [reference = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { output, signal } = invocation;
  const folder = path.dirname(path.resolve(values.output ?? 'model.gguf'));
  const options = quantizeOptions(values);
  const conversion = await openConversion(invocation, folder);
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
  const conversion = await openConversion(invocation, path.dirname(target));
  try {
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
  const conversion = await openConversion(invocation, path.dirname(target));
  try {
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
  const conversion = await openConversion(invocation, invocation.environment.dataFolder);
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
  const conversion = await openConversion(invocation, invocation.environment.dataFolder);
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
