/** Acts on messages: versions, branches, comparisons, deletions. */
import { formatInteger, plural } from '../format.ts';

const following = (count: number): string =>
  plural(count, { one: '# message that followed it', other: '# messages that followed it' });

export const versions = {
  more: 'More for this message',
  editReply: 'Edit reply',
  editHint: 'The reply as it was stays as another version. Nothing is written until you continue.',
  save: 'Save as a version',
  edited: 'edited',
  endsInEdit: 'You wrote the end of this version.',
  branch: 'Branch into a new chat',
  branchTitle: (title: string): string => `${title} (branch)`,
  delete: 'Delete message',
  deleteVersion: (place: number, all: number): string =>
    `Delete version ${formatInteger(place)} of ${formatInteger(all)}`,
  deleteDetail: 'With all messages that follow it',
  deleted: 'The message was deleted',
  versionDeleted: (place: number, all: number): string =>
    `Version ${formatInteger(place)} of ${formatInteger(all)} was deleted`,
  withFollowing: (count: number): string | undefined => (count > 0 ? `And ${following(count)}.` : undefined),
  notRestored: 'The message could not be restored',
  noReply: 'This message has no reply.',
  writeReply: 'Write a reply',
  with: 'Regenerate with',
  sameModel: 'This reply’s model',
  otherSettings: 'Other settings…',
  compare: 'Compare side by side…',
  moreModels: (count: number): string => plural(count, { one: '# more model…', other: '# more models…' }),
  withTitle: 'Regenerate with other settings',
  withText: 'Adds another version of this reply. The chat keeps its own model and sampling.',
  keepForChat: 'Use for this chat from now on',
  regenerate: 'Regenerate',
  compareTitle: 'Compare side by side',
  compareText:
    'Two replies to the same message are written at once. You keep one of them; the other stays as a version.',
  writers: { first: 'First reply', second: 'Second reply' },
  startCompare: 'Compare',
  comparison: 'Two replies side by side',
  keep: 'Keep this one',
  keepNamed: (name: string): string => `Keep this one: ${name}`,
  kept: (name: string): string => `The reply of ${name} is kept. The other one is a version of it.`,
  stopOne: 'Stop this reply',
  waits:
    'Waits for the other reply: memory holds one of the two models at a time, or the model writes one reply at a time.',
  sameSampling: 'Same sampling',
  sampler: (name: string, value: string): string => `${name} ${value}`,
  on: 'on',
  off: 'off',
  side: (place: number, name: string): string => `${formatInteger(place)}: ${name}`,
  keepFirst: 'Keep one of the two replies first',
  commands: {
    editReply: 'Edit the last reply',
    regenerateWith: 'Regenerate the last reply with other settings',
    compare: 'Compare two replies side by side',
    compareKeywords: ['versus', 'models', 'settings', 'columns'],
    branch: 'Branch from the last message into a new chat',
    branchKeywords: ['fork', 'copy'],
    seen: 'What the model saw before its last reply',
    deleteLast: 'Delete the last message',
  },
};
