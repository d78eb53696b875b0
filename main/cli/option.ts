/** How a command declares its arguments and options. From this come its help, its checks, its completions and the types of its values. */

/** What a shell offers for a value. `used_model`: also models elsewhere, which have no files here to work on. */
export type Completes = 'model' | 'used_model' | 'file' | 'folder' | 'nothing' | readonly string[];

/** An option that is given or not. */
export interface FlagOption {
  readonly kind: 'flag';
  readonly help: string;
  readonly short?: string;
}

/** An option with a value, or with `choices` one of them. */
export interface ValueOption {
  readonly kind: 'value';
  readonly shown: string;
  readonly help: string;
  readonly short?: string;
  readonly choices?: readonly string[];
}

/** An option with a value that may be given several times. */
export interface ListOption {
  readonly kind: 'list';
  readonly shown: string;
  readonly help: string;
  readonly short?: string;
}

export type Option = FlagOption | ValueOption | ListOption;

/** An argument by its place. */
export interface Argument {
  /** In the synopsis, such as `MODEL | FILE`. */
  readonly shown: string;
  /** In a sentence, such as `model`. */
  readonly name: string;
  readonly completes: Completes;
  readonly isOptional?: boolean;
  /** Whether more of it may follow; for the last argument. */
  readonly isOpen?: boolean;
}

/** One command as its help says it. */
export interface CommandUsage {
  readonly purpose: string;
  readonly arguments: readonly Argument[];
  readonly options: Readonly<Record<string, Option>>;
  /** The option that may stand in place of the last argument. */
  readonly insteadOfLast?: string;
  /** Lines below the options. */
  readonly notes?: readonly string[];
  /** Options that cannot be left out, as the synopsis has them. */
  readonly required?: string;
}

export const flag = (help: string) => ({ kind: 'flag', help }) as const;
/** An option whose value the help calls `shown`: FILE, FOLDER and MODEL are completed by a shell. */
export const value = (shown: string, help: string) => ({ kind: 'value', shown, help }) as const;
export const values = (shown: string, help: string) => ({ kind: 'list', shown, help }) as const;
export const choice = <const Choices extends readonly string[]>(choices: Choices, help: string) =>
  ({ kind: 'value', shown: choices.join('|'), help, choices }) as const;
export const argument = (shown: string, name: string, completes: Completes = 'nothing') =>
  ({ shown, name, completes }) as const;
export const optional = (one: Argument) => ({ ...one, shown: `[${one.shown}]`, isOptional: true }) as const;
/** An argument of which more may follow. */
export const open = (one: Argument) => ({ ...one, shown: `${one.shown}...`, isOpen: true }) as const;

/** What a shell offers for the value of an option. */
export function completesOf(option: Option): Completes {
  if (option.kind === 'flag') return 'nothing';
  if (option.kind === 'value' && option.choices !== undefined) return option.choices;
  switch (option.shown) {
    case 'FILE':
      return 'file';
    case 'FOLDER':
      return 'folder';
    case 'MODEL':
      return 'model';
    default:
      return 'nothing';
  }
}
