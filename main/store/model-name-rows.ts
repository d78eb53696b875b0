/** The stored names of models as rows. Without zod, which a command loads only where there is a name to read. */
import { peek } from './store.ts';

export interface ModelNameRow {
  readonly definition: string;
  readonly changed_at: number;
}

export const SELECT_MODEL_NAMES = 'SELECT definition, changed_at FROM model_names ORDER BY name';

/** The rows, read from another process without holding the data folder. @throws AppError `store.*`, `disk.*`. */
export const peekModelNames = (dataFolder: string): readonly ModelNameRow[] =>
  peek<ModelNameRow>(dataFolder, 'model_names', SELECT_MODEL_NAMES);
