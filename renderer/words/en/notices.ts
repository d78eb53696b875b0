/** Notices: events without a call that waits for them. */
import type { NotDeletedReason, Notice } from '../../../preload/contract/system.ts';

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

/** `why` is the sentence for the error or the system's reason. */
function notice({ code, name }: Notice, why: string): { readonly title: string; readonly text: string } {
  switch (code) {
    case 'not_deleted':
      return { title: `${name} was not deleted`, text: `${why} It is in the list again.` };
    default:
      return code satisfies never;
  }
}

export const notices = { notice, systemReason };
