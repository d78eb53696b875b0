/** A model file that another program or the user put somewhere, and what is needed to look for them. */
import type { PlacedOrigin } from '../../../preload/contract/library.ts';

/** Where other programs look for their own files. */
export interface Programs {
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** OLLAMA_MODELS, APPDATA, LOCALAPPDATA, XDG_CONFIG_HOME, XDG_DATA_HOME are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A file under the name that its id shall have: `owner/inside`. */
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
