/** The types of model files outside the cache, and of the search for them. */
import type { PlacedOrigin } from '../../../preload/contract/library.ts';

/** The facts by which other programs' folders are found. */
export interface Programs {
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** Used: OLLAMA_MODELS, APPDATA, LOCALAPPDATA, XDG_CONFIG_HOME, XDG_DATA_HOME. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A file with the two parts of its future id, `owner/inside`. */
export interface Placed {
  readonly origin: PlacedOrigin;
  readonly owner: string;
  /** Its relative path; the first segment becomes the second segment of the id. */
  readonly inside: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  readonly identity: string;
  readonly title?: string;
}
