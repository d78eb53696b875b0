/** Notices: events without a call that waits for them. */
import type { NotDeletedReason, Notice } from '../../../preload/contract/system.ts';

/** Also the reasons of calls that are refused while it is so. */
export const notDeletable: Readonly<Record<Exclude<NotDeletedReason, 'other'>, string>> = {
  moving: 'The models are being moved. Wait until that is done.',
  downloading: 'Files of this model are being downloaded. Cancel the download first.',
  loaded: 'This model is loaded. Unload it first.',
  open_elsewhere: 'Another program has one of its files open.',
  denied: 'The system does not let Hearth delete there, or another program has one of its files open.',
  read_only_disk: 'The disk is read-only.',
  disk_error: 'The disk reported an error.',
};

function notice({ code, name, reason, message }: Notice): {
  readonly title: string;
  readonly text: string;
} {
  switch (code) {
    case 'not_deleted':
      return {
        title: `${name} was not deleted`,
        text: `${reason === 'other' ? `The system reports “${message.replace(/\.$/, '')}”.` : notDeletable[reason]} It is in the list again.`,
      };
    default:
      return code satisfies never;
  }
}

export const notices = { notice };
