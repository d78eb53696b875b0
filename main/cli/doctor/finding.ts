/** What a check of this computer has found. */
import { encodeError, type ErrorCode } from '../../../preload/wire/errors.ts';

export const areas = ['hardware', 'libraries', 'disk', 'data', 'network', 'ports', 'versions'] as const;
export type Area = (typeof areas)[number];

export type Finding = {
  readonly area: Area;
  /** What was checked, such as `memory`. */
  readonly name: string;
  readonly message: string;
} & (
  | { readonly status: 'ok' }
  /** It works, but not as well as it could. */
  | { readonly status: 'warning'; readonly advice: string }
  /** Something does not work. */
  | { readonly status: 'problem'; readonly advice: string; readonly code: ErrorCode }
);

export const ok = (area: Area, name: string, message: string): Finding => ({ area, name, status: 'ok', message });

export const warning = (area: Area, name: string, message: string, advice: string): Finding => ({
  ...{ area, name, status: 'warning', message, advice },
});

export const problem = (area: Area, name: string, message: string, advice: string, code: ErrorCode): Finding => ({
  ...{ area, name, status: 'problem', message, advice, code },
});

/** A problem in the words of the error that a check ended with. */
export function problemOf(area: Area, name: string, error: unknown, advice: string): Finding {
  const { code, message } = encodeError(error);
  return problem(area, name, message, advice, code);
}
