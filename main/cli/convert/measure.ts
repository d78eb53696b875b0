/** `hearth measure`: what quantizations of a model cost, side by side. */
import type { MeasuredModel, Measurement } from '../../../preload/contract/convert.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { formatBytes, formatInteger } from '../../base/format.ts';
import { readTextFile } from '../input-files.ts';
import { UsageError, type Invocation, type Values } from '../invocation.ts';
import { inConversion, stemOf } from './conversion.ts';
import { stateOfFile, workPlace } from './convert.ts';
import { textTable } from '../text-table.ts';

/** Measures models against the first one, which is usually the unquantized one. @throws AppError `model.*`, `convert.*`, `disk.*`. */
export async function runMeasure(
  values: Values<'measure'>,
  models: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const [referenceId = '', ...others] = models;
  const modelIds = others.filter((model) => model !== referenceId);
  if (modelIds.length === 0)
    throw new UsageError('"measure" needs the reference and at least one other model to compare with it.');
  for (const model of models) await stemOf(model, invocation);
  const text = values.text === undefined ? null : await readTextFile(values.text);
  // What the reference answers takes some hundred MB, which a folder for temporary files may not hold.
  const place = workPlace('measure', process.cwd(), models.join('\n'), values);
  await inConversion(invocation, place, async (conversion) => {
    await conversion.begin((await Promise.all(models.map(stateOfFile))).join('\n'));
    await conversion.run(() => conversion.convert.measure({ referenceId, modelIds, text }));
    const [measurement] = (await conversion.convert.measurements()).measurements;
    if (measurement === undefined) throw new AppError('internal', 'Nothing was measured.');
    invocation.output.done(measurement, describeMeasurement(measurement));
    const failed = measurement.models.find(({ error }) => error !== null)?.error ?? null;
    if (failed !== null) throw new AppError(failed.code, failed.message, failed.data);
  });
}

function describeMeasurement({ models, tokenCount }: Measurement): string {
  const head = ['MODEL', 'SIZE', 'TOKENS/S', 'PERPLEXITY', 'DIVERGENCE', 'SAME TOKEN', ''];
  const lines = textTable(head, models.map(row));
  return [
    ...lines,
    '',
    `Measured on ${formatInteger(tokenCount)} tokens. DIVERGENCE is the mean KL divergence from the reference in nats, SAME TOKEN how often its`,
    'likeliest token is that of the reference. Smaller is better for both PERPLEXITY and DIVERGENCE.',
  ].join('\n');
}

function row(model: MeasuredModel): string[] {
  const { name, sizeBytes, decodeTokensPerSecond, perplexity, perplexityError, klDivergence, topAgreement } = model;
  const shown = (value: number | null, write: (value: number) => string): string =>
    value === null ? '-' : write(value);
  const error = perplexityError === null ? '' : ` ± ${figures(perplexityError, 2)}`;
  const note =
    model.error !== null ? model.error.message : model.isReference ? 'the reference' : model.isPick ? 'the pick' : '';
  return [
    ...[name, formatBytes(sizeBytes), shown(decodeTokensPerSecond, (value) => figures(value, 3))],
    ...[shown(perplexity, (value) => figures(value, 5) + error), shown(klDivergence, (value) => figures(value, 3))],
    ...[shown(topAgreement, (value) => `${(100 * value).toFixed(1)} %`), note],
  ];
}

/** So many digits that count, and never an exponent: 0.00123, 12.3, 1 140. */
export function figures(value: number, digits: number): string {
  const rounded = Number(value.toPrecision(digits));
  const places = digits - 1 - (rounded === 0 ? 0 : Math.floor(Math.log10(Math.abs(rounded))));
  return places <= 0 ? formatInteger(rounded) : rounded.toFixed(Math.min(places, 20));
}
