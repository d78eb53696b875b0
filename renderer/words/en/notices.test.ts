import { expect, it } from 'vitest';
import { notices } from './notices.ts';

it('names the file that was not deleted, and the reason', () => {
  const notice = { id: 'n', code: 'not_deleted', name: 'old.gguf', reason: 'denied', message: 'x' } as const;
  expect(notices.notice(notice, 'Files of this model are being downloaded. Cancel the download first.')).toEqual({
    title: 'old.gguf was not deleted',
    text: 'Files of this model are being downloaded. Cancel the download first. It is in the list again.',
  });
  expect(notices.notice(notice, notices.systemReason('other', 'EWHAT.')).text).toBe(
    'The system reports “EWHAT”. It is in the list again.',
  );
});
