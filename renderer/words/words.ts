/** What the user reads about each error of the contract's closed table. A code without words does not compile. */
import type { ErrorBody, ErrorCode } from '../../preload/wire/errors.ts';
import { formatBytes, formatDuration, formatInteger } from './format.ts';

export interface ErrorWords {
  readonly title: string;
  /** One or two plain sentences; where main's own sentence says more, that one is shown instead. */
  readonly text: string;
  /** The name of the act that mends it. */
  readonly act: string;
  /**
   * Main's sentence names what this table cannot know (a file, a field, an amount), and stands in place of `text`; `first` puts it
   * before.
   */
  readonly specific?: boolean | 'first';
}

export const errorWords: Record<ErrorCode, ErrorWords> = {
  invalid_input: {
    title: 'That value does not work here',
    text: 'Something that was entered has the wrong form.',
    act: 'Change it',
    specific: true,
  },
  not_found: { title: 'It is not there any more', text: 'It may have been deleted in the meantime.', act: 'Go back' },
  unsupported: {
    title: 'Hearth cannot do that here',
    text: 'This is not possible in this place.',
    act: 'Go back',
    specific: true,
  },
  cancelled: { title: 'Stopped', text: 'It was stopped before it was done.', act: 'Start again' },
  busy: {
    title: 'Something else is still going on',
    text: 'Wait until it is done, then try again.',
    act: 'Try again',
    specific: true,
  },
  internal: {
    title: 'Something broke in Hearth',
    text: 'This is a defect and not your doing. Trying again may help.',
    act: 'Try again',
  },
  unauthorized: {
    title: 'This page has lost its key',
    text: 'Open Hearth again with the address that it printed when it started.',
    act: 'Reload the page',
  },
  disconnected: {
    title: 'No connection to Hearth',
    text: 'The app that does the work does not answer. It is tried again by itself.',
    act: 'Try now',
  },
  'hub.offline': {
    title: 'The Hub cannot be reached',
    text: 'Check the connection to the internet. Models on this computer go on working.',
    act: 'Try again',
  },
  'hub.unauthorized': {
    title: 'The Hub did not accept the token',
    text: 'The token in the settings is wrong, has ended, or may not read this model.',
    act: 'Open settings',
  },
  'hub.gated': {
    title: 'This model asks for your agreement first',
    text: 'Accept its licence on the Hub with your account, and save a token of that account in the settings.',
    act: 'Open its page',
  },
  'hub.not_found': {
    title: 'The Hub has no such model',
    text: 'The name may be misspelt, or the model is private or was taken down.',
    act: 'Search for it',
  },
  'hub.rate_limited': {
    title: 'The Hub asks to slow down',
    text: 'Too many requests came from this address. Wait a few minutes; a token raises the limit.',
    act: 'Try again',
  },
  'hub.bad_response': {
    title: 'The Hub answered something odd',
    text: 'The answer could not be read. This usually passes.',
    act: 'Try again',
  },
  'hub.hash_mismatch': {
    title: 'The file arrived damaged',
    text: 'Its checksum is not the one that the Hub lists, so it was thrown away.',
    act: 'Download again',
  },
  'hub.unsafe_name': {
    title: 'This file has an unsafe name',
    text: 'Its name could write outside of the models folder, so it is not downloaded.',
    act: 'Choose another file',
  },
  'cache.locked': {
    title: 'Another program is writing this file',
    text: 'Wait until it is done, or end the other download.',
    act: 'Try again',
  },
  'disk.full': {
    title: 'The disk is full',
    text: 'Make room, for instance by deleting models that you no longer use.',
    act: 'Show models by size',
  },
  'disk.denied': {
    title: 'Hearth may not write there',
    text: 'The folder does not allow it. Choose another folder, or change who may write to it.',
    act: 'Choose a folder',
  },
  'model.missing': {
    title: 'The model file is gone',
    text: 'It was moved or deleted outside of Hearth. Download it again, or choose another model.',
    act: 'Choose a model',
  },
  'model.corrupt': {
    title: 'The model file is damaged',
    text: 'It is cut short or not what it says it is. Download it again.',
    act: 'Download again',
  },
  'model.unsupported': {
    title: 'This kind of model cannot run yet',
    text: 'The engine does not know its architecture.',
    act: 'Choose a model',
    specific: true,
  },
  'engine.out_of_memory': {
    title: 'Not enough memory for this model',
    text: 'Close other programs, unload other models, or take a smaller quantization.',
    act: 'Choose a smaller model',
    specific: 'first',
  },
  'engine.crashed': {
    title: 'The engine stopped unexpectedly',
    text: 'Your chats are safe. The model is loaded again when you try again.',
    act: 'Try again',
    specific: 'first',
  },
  'engine.start_failed': {
    title: 'The engine does not start',
    text: 'Where trying again does not help, install Hearth anew.',
    act: 'Try again',
    specific: 'first',
  },
  'engine.not_loaded': { title: 'No model is loaded', text: 'Choose a model to go on.', act: 'Choose a model' },
  'engine.context_full': {
    title: 'The conversation is longer than the model can hold',
    text: 'Start a new chat, or give the conversation more room (context size).',
    act: 'New chat',
    specific: true,
  },
  'template.invalid': {
    title: 'This model does not know how to chat',
    text: 'Its chat template is missing or broken. A plain form may do; a base model only continues text.',
    act: 'Choose a model',
  },
  'store.newer_schema': {
    title: 'These data are from a newer Hearth',
    text: 'Update Hearth to open them. Nothing was changed.',
    act: 'Close',
  },
  'store.corrupt': {
    title: 'The data file is damaged',
    text: 'Hearth could not read its database. A copy was kept beside it.',
    act: 'Show details',
  },
  'store.in_use': {
    title: 'Hearth is already running',
    text: 'Another Hearth uses the same data folder. Close it first.',
    act: 'Try again',
  },
};

export interface ShownError {
  readonly title: string;
  readonly text: string;
  readonly act: string;
  /** Facts for those who ask, worded: the code, main's sentence, the numbers. */
  readonly details: readonly { readonly name: string; readonly value: string }[];
}

/** Not the line is at fault but a choice, and trying again is in vain. */
const offlineByChoice: ErrorWords = {
  title: 'Hearth is kept offline',
  text: 'HEARTH_OFFLINE is set, so nothing is asked of the Hub. Start Hearth without it to reach the Hub.',
  act: 'Try again',
};

/** Whether an error is the doing of HEARTH_OFFLINE. */
export function isOfflineByChoice(error: ErrorBody): boolean {
  return error.code === 'hub.offline' && error.data?.['cause'] === 'HEARTH_OFFLINE';
}

/** The words for an error that came from main. */
export function wordsFor(error: ErrorBody): ShownError {
  const words = isOfflineByChoice(error) ? offlineByChoice : errorWords[error.code];
  const specific = words.specific !== undefined && error.message !== '';
  const text = !specific ? words.text : words.specific === 'first' ? `${error.message} ${words.text}` : error.message;
  const details = Object.entries(error.data ?? {}).flatMap(([name, value]) =>
    value === null || value === '' ? [] : [{ name: wordOf(name), value: figure(name, value) }],
  );
  if (!specific && error.message !== '' && error.message !== words.text) {
    details.unshift({ name: 'What happened', value: error.message });
  }
  details.push({ name: 'Code', value: error.code });
  return { title: words.title, text, act: words.act, details };
}

/** `freeBytes` -> `Free`, `elapsedMs` -> `Elapsed`, `repoId` -> `Repo id`. */
function wordOf(name: string): string {
  const words = name
    .replace(/(Bytes|Ms)$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function figure(name: string, value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (name.endsWith('Bytes')) return formatBytes(value);
  if (name.endsWith('Ms')) return formatDuration(value);
  return Number.isInteger(value) ? formatInteger(value) : String(value);
}
