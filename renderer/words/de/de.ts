/** German. Its type is that of every language: it does not compile while a sentence is missing. */
import type { en } from '../en/en.ts';
import {
  alternatives,
  chat,
  composer,
  contextMeter,
  conversation,
  emptyChat,
  failure,
  files,
  inspector,
  picker,
  prompt,
  replyFacts,
} from './chat.ts';
import { chatList } from './chat-list.ts';
import { convert } from './convert.ts';
import { discover } from './discover.ts';
import { downloads } from './downloads.ts';
import { elsewhere } from './elsewhere.ts';
import { errors } from './errors.ts';
import { exchange } from './exchange.ts';
import { fit } from './fit.ts';
import { frame, gauge, palette, ui } from './frame.ts';
import { jobs } from './jobs.ts';
import { keyboard } from './keyboard.ts';
import { cacheLimit, library, storage } from './library.ts';
import { load } from './load.ts';
import { memory } from './memory.ts';
import { look } from './look.ts';
import { markdown } from './markdown.ts';
import { models, tokens } from './models.ts';
import { notebook } from './notebook.ts';
import { notices } from './notices.ts';
import { inForce, lorebooks, modelDefaults, personas, presets } from './personas.ts';
import { draftTokens, prompts, suggestions } from './prompts.ts';
import { quality } from './quality.ts';
import { queue, seenPrompt } from './queue.ts';
import { sampling } from './sampling.ts';
import { server } from './server.ts';
import { sideways } from './sideways.ts';
import { settings } from './settings.ts';
import { stored } from './stored.ts';
import { templateTrial } from './template-trial.ts';
import { tokenizer } from './tokenizer.ts';
import { versions } from './versions.ts';
import { units } from './units.ts';

export const de: typeof en = {
  alternatives,
  cacheLimit,
  chat,
  chatList,
  composer,
  contextMeter,
  conversation,
  convert,
  discover,
  downloads,
  draftTokens,
  elsewhere,
  emptyChat,
  errors,
  exchange,
  failure,
  files,
  fit,
  frame,
  gauge,
  inForce,
  inspector,
  jobs,
  keyboard,
  library,
  load,
  lorebooks,
  memory,
  modelDefaults,
  look,
  markdown,
  models,
  notebook,
  notices,
  palette,
  personas,
  picker,
  presets,
  prompt,
  prompts,
  quality,
  queue,
  seenPrompt,
  server,
  sideways,
  replyFacts,
  sampling,
  settings,
  storage,
  suggestions,
  stored,
  templateTrial,
  tokenizer,
  tokens,
  ui,
  versions,
  units,
};
