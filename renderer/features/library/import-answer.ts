/** Checks of a file before its upload, and main's answer to an upload. */
import { AppError, type ErrorBody } from '../../../preload/wire/errors.ts';

/** The reason why a file is not uploaded, or null. `isGguf`: whether it begins like a GGUF file. */
export function ggufProblem(name: string, isGguf: boolean): AppError | null {
  if (!/\.gguf$/i.test(name)) return new AppError('unsupported', '', { reason: 'not_gguf', fileName: name });
  if (!isGguf) return new AppError('model.corrupt', '', { reason: 'not_gguf' });
  return null;
}

/** The model that main made of the file, or the error. */
export function readImportAnswer(
  status: number,
  text: string,
): { readonly modelId: string | null; readonly error: ErrorBody | null } {
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    // A response that is not JSON has only its status to say.
  }
  const field = (name: string): unknown =>
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  const modelId = field('modelId');
  if (status >= 200 && status < 300) return { modelId: typeof modelId === 'string' ? modelId : null, error: null };
  const error = field('error');
  if (typeof error === 'object' && error !== null && 'code' in error)
    return { modelId: null, error: error as ErrorBody };
  return { modelId: null, error: { code: 'internal', message: '', data: { status } } };
}
