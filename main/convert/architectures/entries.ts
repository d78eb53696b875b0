/** Short forms for metadata entries. */
import type { MetadataEntry } from './architecture.ts';

export const uint32 = (key: string, value: number): MetadataEntry => ({ key, type: 'uint32', value });
export const float32 = (key: string, value: number): MetadataEntry => ({ key, type: 'float32', value });
export const bool = (key: string, value: boolean): MetadataEntry => ({ key, type: 'bool', value });
export const string = (key: string, value: string): MetadataEntry => ({ key, type: 'string', value });
