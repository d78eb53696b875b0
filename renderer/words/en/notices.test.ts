import { expect, it } from 'vitest';
import { notices } from './notices.ts';

it('names the file that was not deleted, and the reason', () => {
  const notice = { id: 'n', code: 'not_deleted', name: 'old.gguf', reason: 'downloading', message: 'x' } as const;
  expect(notices.notice(notice)).toEqual({
    title: 'old.gguf was not deleted',
    text: 'Files of this model are being downloaded. Cancel the download first. It is in the list again.',
  });
  expect(notices.notice({ ...notice, reason: 'other', message: 'EWHAT.' }).text).toBe(
    'The system reports “EWHAT”. It is in the list again.',
  );
});
