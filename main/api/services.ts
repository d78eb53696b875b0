/** What the dialects work with. */
import type { Sampling } from '../../preload/contract/chat.ts';
import type { ServerSettings } from '../../preload/contract/server.ts';
import type { Engine } from '../engine/engine.ts';
import type { Hub } from '../hub/hub.ts';
import type { Inference } from '../inference/inference.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Library } from '../library/library.ts';
import type { ApiResponseRecords } from '../store/api-responses.ts';
import type { GivenNames } from './names/given-names.ts';
import type { ApiModels } from './names/models.ts';
import type { Keys } from './keys/keys.ts';
import type { Activity } from './server/activity.ts';

export interface Services {
  readonly inference: Inference;
  readonly models: ApiModels;
  readonly given: GivenNames;
  readonly engine: Pick<Engine, 'loaded' | 'unload'>;
  readonly library: Pick<Library, 'find' | 'deleteModel' | 'download' | 'rescan' | 'templates'>;
  readonly hub: Pick<Hub, 'model'>;
  readonly jobs: Pick<Jobs, 'watch' | 'pause'>;
  readonly responses: ApiResponseRecords;
  readonly activity: Activity;
  readonly keys: Pick<Keys, 'countTokens'>;
  readonly settings: () => ServerSettings;
  /** The sampling of a model where a request says nothing. */
  readonly defaultSampling: (modelId: string) => Sampling;
  /** Of Hearth. */
  readonly version: string;
  readonly now: () => number;
}
