/** What the page says of notices: what happened without anybody asking at that moment. */
import type { NotDeletedReason, Notice } from '../../preload/contract/system.ts';

const reasons: Readonly<Record<Exclude<NotDeletedReason, 'other'>, string>> = {
  moving: 'The models are being moved. Wait until that is done.',
  downloading: 'Something of this model is being downloaded. Cancel that first.',
  loaded: 'This model is loaded. Unload it first.',
  open_elsewhere: 'Another program has a file of it open.',
  denied: 'The system does not let Hearth delete there, or another program has a file of it open.',
  read_only_disk: 'The disk can only be read.',
  disk_error: 'The disk reports an error.',
};

export function noticeWords({ code, name, reason, message }: Notice): {
  readonly title: string;
  readonly text: string;
} {
  switch (code) {
    case 'not_deleted':
      return {
        title: `${name} was not deleted`,
        text: `${reason === 'other' ? message : reasons[reason]} It is in the list again.`,
      };
    default:
      return code satisfies never;
  }
}
