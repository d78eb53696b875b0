/** `hearth info`: what a model is, by its header, and how it would run on this computer. */
import { AppError } from '../../../preload/wire/errors.ts';
import { shownName } from '../../base/foreign-text.ts';
import { formatBytes, formatInteger } from '../../base/format.ts';
import { fitIn } from '../../model-file/fit-of.ts';
import { fitWord, memoryOf, speedOf } from '../fit-words.ts';
import { memoryWithGpu } from '../gpu-libraries.ts';
import type { Invocation, Values } from '../invocation.ts';
import { measureMemorySpeed } from '../memory-speed.ts';
import { textTable } from '../text-table.ts';
import {
  fitsOf,
  metadataAsJson,
  templateOf,
  tensorsOf,
  tokenizerOf,
  typesOf,
  type JsonValue,
  type ReadModel,
} from './facts.ts';
import { readModel } from './read-model.ts';

/**
 * Prints the facts, or one JSON object; of a file with a problem what can be told, and the problem as the error.
 * @throws AppError `not_found` without the template that is asked for, `model.*`, and as `readModel`.
 */
export async function runInfo(
  values: Values<'info'>,
  [reference = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { output } = invocation;
  const model = await readModel(reference, values.remote, invocation);
  const template = templateOf(model);
  if (values.template) {
    if (template !== null) return output.exactly({ modelId: model.modelId, template }, template);
    if (model.problem === null) throw new AppError('not_found', `${model.modelId} has no chat template.`);
    throw problemOf(model.problem);
  }
  output.status('Measuring this computer’s memory…');
  const [memory, speed] = [await memoryWithGpu(invocation), await measureMemorySpeed()];
  const fits = fitsOf(
    model,
    fitIn(() => ({ ...memory, ...speed })),
  );
  const { headers, summary, ...rest } = model;
  const metadata = metadataAsJson(model);
  output.done(
    {
      ...rest,
      summary,
      ggufVersion: headers[0]?.version ?? null,
      tokenizer: tokenizerOf(model),
      template,
      tensorTypes: typesOf(model),
      fits,
      metadata,
      ...(values.tensors && { tensors: tensorsOf(model) }),
    },
    [
      factLines(model),
      ...(fits === null ? [] : [fitLines(fits)]),
      ...(values.metadata ? [metadataLines(metadata)] : []),
      ...(values.tensors ? [tensorLines(model)] : []),
    ]
      .map((lines) => lines.join('\n'))
      .join('\n\n'),
  );
  if (model.problem !== null) throw problemOf(model.problem);
}

const problemOf = ({ code, message, data }: NonNullable<ReadModel['problem']>): AppError =>
  new AppError(code, message, data);

/** The rows of names and values, without those that are not known. */
function factLines(model: ReadModel): string[] {
  const { summary, cost } = model;
  const tokenizer = tokenizerOf(model);
  const template = templateOf(model);
  const trained = summary?.contextLength ?? null;
  const types = typesOf(model).map(({ type, tensors }) => `${type} ${formatInteger(tensors)}`);
  const bits =
    summary === null || summary.parameterCount === 0 ? null : (8 * summary.weightsBytes) / summary.parameterCount;
  const read =
    cost === null ? '' : ` (read ${formatBytes(cost.bytes)} of it in ${formatInteger(cost.requests)} requests)`;
  const rows: readonly (readonly [string, string | null | undefined])[] = [
    ['model', model.modelId],
    ['name', summary?.name],
    ['where', model.file ?? `at the Hub, not downloaded${read}`],
    ['revision', model.revision],
    ['kind', model.kind],
    ['architecture', summary === null ? null : `${summary.architecture}, ${layersOf(summary)}`],
    ['parameters', summary === null ? null : formatInteger(summary.parameterCount)],
    [
      'quantization',
      summary === null
        ? null
        : `${summary.quantization ?? '?'}${bits === null ? '' : `, ${bits.toFixed(2)} bits for each weight`}`,
    ],
    [
      'size',
      `${formatBytes(model.sizeBytes)}${model.fileCount > 1 ? ` in ${formatInteger(model.fileCount)} files` : ''}`,
    ],
    ['tensors', types.length === 0 ? null : types.join(', ')],
    ['context', trained === null ? null : `${formatInteger(trained)} tokens, as trained`],
    ['tokenizer', tokenizer === null ? null : tokenizerWords(tokenizer)],
    [
      'template',
      template === null
        ? summary === null
          ? null
          : 'none: it continues a text instead of answering'
        : `yes, ${formatInteger(template.length)} characters`,
    ],
    ['license', model.license],
    ['problem', model.problem?.message],
  ];
  return rows.flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [`  ${name.padEnd(13)} ${shownName(value)}`],
  );
}

function layersOf({ layers, embeddingLength, headCount }: NonNullable<ReadModel['summary']>): string {
  return [
    `${formatInteger(layers.length)} layers`,
    ...(embeddingLength === null ? [] : [`${formatInteger(embeddingLength)} wide`]),
    ...(headCount === null ? [] : [`${formatInteger(headCount)} attention heads`]),
  ].join(', ');
}

function tokenizerWords({ model, pre, tokens, bosId, eosId }: NonNullable<ReturnType<typeof tokenizerOf>>): string {
  return [
    pre === null ? model : `${model} (${pre})`,
    ...(tokens === null ? [] : [`${formatInteger(tokens)} tokens`]),
    ...(bosId === null ? [] : [`begins with ${bosId}`]),
    ...(eosId === null ? [] : [`ends with ${eosId}`]),
  ].join(', ');
}

function fitLines({ automatic, contexts }: NonNullable<ReturnType<typeof fitsOf>>): string[] {
  const row = (fit: typeof automatic, note = ''): string[] => [
    `${formatInteger(fit.contextSize)}${note}`,
    memoryOf(fit),
    fitWord(fit),
    speedOf(fit) || '-',
  ];
  const rows = [row(automatic, ' (automatic)'), ...contexts.map((fit) => row(fit))];
  return [
    ...textTable(['CONTEXT', 'MEMORY', 'FITS', 'SPEED'], rows),
    '',
    `  ${formatBytes(automatic.freeRamBytes)} of ${formatBytes(automatic.totalRamBytes)} of memory are free here.`,
  ];
}

function metadataLines(metadata: Readonly<Record<string, JsonValue>>): string[] {
  return Object.entries(metadata).map(([key, value]) => `  ${shownName(key)} = ${shownName(valueWords(value))}`);
}

function valueWords(value: JsonValue): string {
  if (typeof value === 'object' && 'omittedLength' in value) return `(${formatInteger(value.omittedLength)} long)`;
  return typeof value === 'string'
    ? JSON.stringify(value)
    : Array.isArray(value)
      ? `[${value.join(', ')}]`
      : String(value);
}

function tensorLines(model: ReadModel): string[] {
  const rows = tensorsOf(model).map(({ name, type, shape, sizeBytes }) => [
    shownName(name),
    type,
    shape.join(' x '),
    formatBytes(sizeBytes),
  ]);
  return textTable(['TENSOR', 'TYPE', 'SHAPE', 'SIZE'], rows);
}
