/** Notices: events without a call that waits for them. */
import type { NotDeleted, NotDeletedReason, Notice, SavedCount } from '../../../preload/contract/system.ts';
import { formatInteger, plural } from '../format.ts';

const reasons: Readonly<Record<Exclude<NotDeletedReason, 'other'>, string>> = {
  open_elsewhere: 'Another program has one of its files open.',
  denied: 'The system does not let Hearth delete there, or another program has one of its files open.',
  read_only_disk: 'The disk is read-only.',
  disk_error: 'The disk reported an error.',
};

/** What the system said, for people. */
function systemReason(reason: NotDeletedReason, message: string): string {
  return reason === 'other' ? `The system reports “${message.replace(/\.$/, '')}”.` : reasons[reason];
}

interface NoticeWords {
  readonly title: string;
  readonly text: string;
  readonly ms: number;
}

const SHOWN_MS = 10_000;
/** For what changes the user's own data: it must be read. */
const LONG_MS = 120_000;

const counted = ({ saved, lost }: SavedCount, one: string, many: string): string =>
  lost === null || lost === 0
    ? `${formatInteger(saved)} ${saved === 1 ? one : many}`
    : `${formatInteger(saved)} of ${formatInteger(saved + lost)} ${many}`;

/** `reasonOf` gives the sentence for an error or the system's reason. */
function notice(notice: Notice, reasonOf: (failure: NotDeleted) => string): NoticeWords {
  switch (notice.code) {
    case 'not_deleted':
      return {
        title: `${notice.name} was not deleted`,
        text: `${reasonOf(notice)} It is in the list again.`,
        ms: SHOWN_MS,
      };
    case 'store_salvaged': {
      const { chats, messages, parts, keptAs } = notice;
      const saved = `${counted(chats, 'chat', 'chats')} and ${counted(messages, 'message', 'messages')}`;
      const isUnknown = [chats, messages, parts].some(({ lost }) => lost === null);
      const partsLost = parts.lost ?? 0;
      return {
        title: 'The chat database was damaged',
        text:
          `Hearth saved ${saved}${isUnknown ? '; it cannot tell how many are missing' : ''}. ` +
          (partsLost > 0
            ? `Of these messages, ${plural(partsLost, { one: '# text or file is', other: '# texts and files are' })} missing. `
            : '') +
          `The damaged file stays in the data folder for 30 days, as ${keptAs}.`,
        ms: LONG_MS,
      };
    }
    case 'chat_not_purged':
      return {
        title: 'A deleted chat is still on the disk',
        text: `${reasonOf(notice)} The chat stays hidden, and Hearth deletes it at its next start.`,
        ms: LONG_MS,
      };
    case 'unexpected_error':
      return {
        title: 'Something in Hearth failed',
        text: `Hearth keeps running, and your chats are safe. The log has the details: ${notice.logFile}`,
        ms: SHOWN_MS,
      };
    default:
      return notice satisfies never;
  }
}

export const notices = { notice, systemReason };
