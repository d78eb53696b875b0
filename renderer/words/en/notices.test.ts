import { expect, it } from 'vitest';
import { notices } from './notices.ts';

it('names the file that was not deleted, and the reason', () => {
  const notice = { id: 'n', code: 'not_deleted', name: 'old.gguf', reason: 'denied', message: 'x' } as const;
  expect(
    notices.notice(notice, () => 'Files of this model are being downloaded. Cancel the download first.'),
  ).toMatchObject({
    title: 'old.gguf was not deleted',
    text: 'Files of this model are being downloaded. Cancel the download first. It is in the list again.',
  });
  expect(notices.notice(notice, () => notices.systemReason('other', 'EWHAT.')).text).toBe(
    'The system reports “EWHAT”. It is in the list again.',
  );
});

it('says that a deleted chat is still on the disk', () => {
  const error = { code: 'disk.full', message: 'x' } as const;
  expect(
    notices.notice({ id: 'n', code: 'chat_not_purged', error }, (failure) => ('error' in failure ? 'Free some.' : '')),
  ).toMatchObject({
    title: 'A deleted chat is still on the disk',
    text: 'Free some. The chat stays hidden, and Hearth deletes it at its next start.',
  });
});

it('says how much of a damaged database was saved, and where the damaged one is', () => {
  const facts = { id: 'n', code: 'store_salvaged', keptAs: 'hearth-damaged-2026-11-28.db' } as const;
  const text = (
    chats: [number, number | null],
    messages: [number, number | null],
    parts: [number, number | null] = [9, 0],
  ): string => {
    const [of, all, inThem] = [chats, messages, parts].map(([saved, lost]) => ({ saved, lost }));
    return notices.notice({ ...facts, chats: of!, messages: all!, parts: inThem! }, () => '').text;
  };
  const kept = 'The damaged file stays in the data folder for 30 days, as hearth-damaged-2026-11-28.db.';
  expect(text([29, 1], [1200, 34])).toBe(`Hearth saved 29 of 30 chats and 1,200 of 1,234 messages. ${kept}`);
  expect(text([1, 0], [12, null])).toBe(
    `Hearth saved 1 chat and 12 messages; it cannot tell how many are missing. ${kept}`,
  );
  expect(text([1, 0], [12, 0], [20, 1])).toBe(
    `Hearth saved 1 chat and 12 messages. Of these messages, 1 text or file is missing. ${kept}`,
  );
});
