/** The way on from a refusal, by the options of the command line. */
import { AppError, isAppError } from '../../../preload/wire/errors.ts';

const hints: Readonly<Record<string, string>> = {
  requantize: '--allow-requantize quantizes it all the same.',
  imatrix_needed:
    '--imatrix text collects one from the text that comes with Hearth; --imatrix FILE takes one that hearth imatrix made.',
  adapter: 'hearth adapter converts it: hearth adapter ADAPTER BASE OUTPUT.gguf, each a folder or OWNER/NAME.',
  name_taken: 'Name another output.',
};

/** Does the work. An error that an option helps against says so. @throws what the work throws. */
export async function withHints<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw hinted(error);
  }
}

function hinted(error: unknown): unknown {
  if (!isAppError(error)) return error;
  const hint = hints[String(error.data?.['reason'])];
  if (hint === undefined) return error;
  return new AppError(error.code, `${error.message} ${hint}`, error.data, { cause: error });
}
