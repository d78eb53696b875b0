/** `hearth adapter`: a LoRA adapter as a GGUF file of its own, or merged into its base. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { directTypes, type ConversionSource, type DirectType } from '../../../preload/contract/convert.ts';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { formatBytes } from '../../base/format.ts';
import { UsageError, type Invocation, type Values } from '../invocation.ts';
import { inConversion, outputPath, type CommandConversion } from './conversion.ts';
import { stateOfFolder, workPlace } from './convert.ts';

/** @throws UsageError for a type that is not known; AppError `not_found` with the role of an argument, `convert.*`, `hub.*`, `disk.*`. */
export async function runAdapter(
  values: Values<'adapter'>,
  [adapterName = '', baseName = '', outputName = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { output, signal } = invocation;
  const type = typeOf(values.to);
  const target = outputPath({ output: outputName }, outputName, 'Name another output.');
  const place = workPlace('adapter', path.dirname(target), [adapterName, baseName].join('\n'), values);
  await inConversion(invocation, place, async (conversion) => {
    const adapter = sideOf(adapterName, 'adapter', conversion);
    const base = sideOf(baseName, 'base', conversion);
    const states = await Promise.all([adapterName, baseName].map(stateOfFolder));
    await conversion.begin(states.join('\n\n'));
    const { modelId, detail } = await conversion.run(() =>
      values.merge
        ? conversion.convert.start({ source: base, adapter, type, keepSource: false, quantize: null }, signal)
        : conversion.convert.adapter({ adapter, base, type }, signal),
    );
    await conversion.take(modelId, target);
    const sizeBytes = detail !== null && 'sizeBytes' in detail ? detail.sizeBytes : 0;
    output.done({ type: 'done', path: target, outputType: type, ...detail }, `${target}  ${formatBytes(sizeBytes)}`);
  });
}

/** The folder or the repository that an argument names. @throws AppError `not_found` with the argument's role. */
function sideOf(text: string, role: 'adapter' | 'base', { sourceOf }: CommandConversion): ConversionSource {
  try {
    // What begins like a path is none of a repository.
    if (existsSync(text) || !/^[./]/.test(text)) return sourceOf(text);
  } catch (error) {
    if (!isAppError(error, 'invalid_input')) throw error;
  }
  throw new AppError('not_found', `The ${role} "${text}" is no folder and no repository. Write OWNER/NAME or a path.`);
}

function typeOf(name: string | undefined): DirectType {
  if (name === undefined) return 'F16';
  const found = directTypes.find((type) => type === name.toUpperCase());
  if (found !== undefined) return found;
  throw new UsageError(`--to takes ${directTypes.join(', ')}, not "${name}".`);
}
