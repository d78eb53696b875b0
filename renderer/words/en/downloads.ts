/** Downloads and other long work. */
import { formatInteger, plural } from '../format.ts';

export const downloads = {
  title: 'Downloads',
  /** Begins with what the button shows, so that it can be said to a voice control. */
  name: (active: number, failed: number, percent: string | null): string =>
    active > 0
      ? `Downloads ${percent ?? ''}, ${formatInteger(active)} active`
      : failed > 0
        ? `Downloads, ${formatInteger(failed)} failed`
        : 'Downloads',
  clearFinished: 'Clear finished',
  emptyTitle: 'No downloads',
  emptyText: 'Downloads and conversions show here and continue while you do something else.',
  states: {
    queued: 'Queued',
    waiting: 'Waiting for disk space',
    verifying: 'Verifying',
    done: 'Done',
    failed: 'Failed',
    paused: 'Paused',
  },
  running: {
    download: 'Downloading',
    verify: 'Verifying',
    move: 'Moving',
    limit: 'Freeing space',
    backend: 'Downloading',
    convert: 'Converting',
    quantize: 'Quantizing',
    imatrix: 'Collecting',
    measure: 'Measuring',
    verify_model: 'Verifying',
    adapter: 'Converting',
    split: 'Splitting',
    merge: 'Joining',
    export: 'Exporting',
  },
  acting: (action: string, name: string): string => `${action} ${name}`,
  stateAndPercent: (state: string, percent: string): string => `${state}, ${percent}`,
  moveUp: 'Move up',
  moveDown: 'Move down',
  showTable: 'Show the table',
  showLog: 'Show the log',
  moreFor: (name: string): string => `More for ${name}`,
  shards: (count: number): string => plural(count, { one: '# shard', other: '# shards' }),
  connections: (count: number): string => plural(count, { one: '# connection', other: '# connections' }),
  amount: (done: string, total: string): string => `${done} of ${total}`,
  resumesItself: 'It resumes by itself.',
  waitingWith: (needed: string, free: string): string => `Waiting for disk space: needs ${needed}, ${free} free.`,
  waiting: 'Waiting for disk space.',
  freeUpSpace: 'Free up space',
  stalled: 'No data is arriving',
  speed: (rate: string): string => `Speed, now ${rate}`,
  left: (time: string): string => `${time} left`,
  pause: (name: string): string => `Pause ${name}`,
  resume: (name: string): string => `Resume ${name}`,
  retry: (name: string): string => `Try ${name} again`,
  cancel: (name: string): string => `Cancel ${name}`,
  canceled: (name: string): string => `Canceled ${name}`,
  removedAlready: (name: string): string => `It is too late to bring back ${name}`,
  removedText: 'What was received has been deleted. Download it again.',
  dismiss: (name: string): string => `Dismiss ${name}`,
  arrived: (name: string): string => `${name} is on this computer`,
  logOf: (name: string): string => `Log of ${name}`,
  log: 'Log',
  nothingYet: 'Nothing has happened yet.',
};
