/** The names that were given to models: aliases and presets. */
import type { ModelName } from '../../../preload/contract/server.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { ModelNameRecords, StoredName } from '../../store/model-names.ts';
import { createNames, type NameableModel } from './names.ts';

export interface GivenNames {
  list(): readonly StoredName[];
  /** Replaces one of the same name. @throws AppError `invalid_input` for the name of a model that is here, `disk.full`. */
  save(name: ModelName): Promise<void>;
  /** @throws AppError `not_found`. */
  remove(name: string): void;
}

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
    async save(definition) {
      // Whatever means a model that is here goes on meaning it.
      if (createNames(await models(), []).means(definition.name))
        throw new AppError('invalid_input', `"${definition.name}" is the name of a model that is here.`, {
          field: 'name',
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
