import { expect, it } from 'vitest';
import { noticeWords } from './notices.ts';

it('names what was not deleted, and why', () => {
  const notice = { id: 'n', code: 'not_deleted', name: 'old.gguf', reason: 'downloading', message: 'x' } as const;
  expect(noticeWords(notice)).toEqual({
    title: 'old.gguf was not deleted',
    text: 'Something of this model is being downloaded. Cancel that first. It is in the list again.',
  });
  expect(noticeWords({ ...notice, reason: 'other', message: 'EWHAT.' }).text).toBe('EWHAT. It is in the list again.');
});
