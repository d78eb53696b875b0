/** The names that were given to models: aliases and presets. */
import { givenNameOf } from '../../../preload/contract/given-names.ts';
import type { ModelName } from '../../../preload/contract/server.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { ModelNameRecords, StoredName } from '../../store/model-names.ts';
import { mayUseModel, type Caller } from '../keys/keys.ts';
import { createNames, type NameableModel } from './names.ts';

export interface GivenNames {
  list(): readonly StoredName[];
  /**
   * Replaces one of the same name. `caller` is the program that asks; null for the user. @throws AppError `invalid_input` for the name of a
   * model that is here and for one name too many, `unauthorized` with the reason `scope` for a name of a model that the caller's key may not
   * use, `disk.full`.
   */
  save(name: ModelName, caller?: Caller | null): Promise<void>;
  /** @throws AppError `not_found`. */
  remove(name: string): void;
}

/** A program that gives names by itself must not fill the database, and every list has them all. */
const MOST_NAMES = 1000;

interface GivenNamesOptions {
  readonly records: ModelNameRecords;
  readonly models: () => Promise<readonly NameableModel[]>;
  readonly now: () => number;
  readonly onChange: () => void;
}

export function createGivenNames({ records, models, now, onChange }: GivenNamesOptions): GivenNames {
  let known = records.list();
  const changed = (): void => {
    known = records.list();
    onChange();
  };
  return {
    list: () => known,
    async save(definition, caller = null) {
      const before = givenNameOf(
        known.map((one) => one.definition),
        definition.name,
      );
      if (before && !mayUseModel(caller, before.modelId))
        throw new AppError('unauthorized', 'This name is of a model that this key may not use.', {
          ...{ reason: 'scope', field: 'name' },
        });
      if (!before && known.length >= MOST_NAMES)
        throw new AppError('invalid_input', `There are ${MOST_NAMES} names already. Remove one first.`, {
          ...{ reason: 'too_many_names', field: 'name' },
        });
      // Whatever means a model that is here goes on meaning it.
      if (createNames(await models(), []).means(definition.name))
        throw new AppError('invalid_input', `"${definition.name}" is the name of a model that is here.`, {
          field: 'name',
          reason: 'name_of_model',
        });
      records.save(definition, now());
      changed();
    },
    remove(name) {
      if (!records.remove(name))
        throw new AppError('not_found', `There is no name "${name}" that was given to a model.`, { name });
      changed();
    },
  };
}
