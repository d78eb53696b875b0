import { existsSync } from 'node:fs';
import path from 'node:path';

/** The database of a data folder. */
export const storeFile = (dataFolder: string): string => path.join(dataFolder, 'hearth.db');

/** Whether the data folder has a database. */
export const hasStore = (dataFolder: string): boolean => existsSync(storeFile(dataFolder));
