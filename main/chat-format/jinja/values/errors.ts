/** Errors of a template, named as Python names them: some are caught inside the language, by name. */
export type ErrorKind =
  | 'AssertionError'
  | 'AttributeError'
  | 'FilterArgumentError'
  | 'IndexError'
  | 'KeyError'
  | 'LimitError'
  | 'OverflowError'
  | 'RuntimeError'
  | 'SecurityError'
  | 'TemplateAssertionError'
  | 'TemplateError'
  | 'TemplateRuntimeError'
  | 'TemplateSyntaxError'
  | 'TypeError'
  | 'UndefinedError'
  | 'ValueError'
  | 'ZeroDivisionError';

export interface TemplateFailure extends Error {
  readonly kind: ErrorKind;
}

/** An error of this kind, to be thrown. */
export function failure(kind: ErrorKind, message: string): TemplateFailure {
  return Object.assign(new Error(message), { name: kind, kind });
}

export function isFailure(error: unknown, ...kinds: readonly ErrorKind[]): error is TemplateFailure {
  if (!(error instanceof Error) || !('kind' in error)) return false;
  return kinds.length === 0 || kinds.includes(error.kind as ErrorKind);
}

export const typeError = (message: string): TemplateFailure => failure('TypeError', message);
export const valueError = (message: string): TemplateFailure => failure('ValueError', message);
