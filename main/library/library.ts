/** What is on this computer: models, where they lie, and what fills the cache. */
export {
  createImports,
  createModels,
  joinShards,
  listPlaces,
  nameFromFile,
  summarizeParts,
  type CacheEntry,
  type Imports,
  type ImportsOptions,
  type Models,
  type ModelFile,
  type PlacedOrigin,
  type PlacesOptions,
  type Programs,
} from './models.ts';
export { createDownloads, type Downloads } from './downloads.ts';
export { createStorage, folderOfChoice, type Storage, type StorageOptions } from './storage.ts';
