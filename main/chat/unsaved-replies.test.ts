import { expect, it } from 'vitest';
import type { Message } from '../../preload/contract/chat.ts';
import { AppError, type ErrorCode } from '../../preload/wire/errors.ts';
import { createUnsavedReplies, type UnsavedReply } from './unsaved-replies.ts';

const storing = (id: string, code: ErrorCode = 'disk.full'): UnsavedReply => {
  const finished = { id, error: null } as Message;
  return { finished, shown: { ...finished, error: { code, message: 'Not stored.' } } };
};
const broken = { id: 's', error: { code: 'engine.crashed', message: 'It stopped.' } } as Message;
const neverGone = (): boolean => false;

it.each([
  ['a full disk', new AppError('disk.full', 'Full.')],
  ['a database that another program holds', new AppError('busy', 'The database is busy.')],
  ['a folder that may not be written to', new AppError('disk.denied', 'Denied.')],
  ['a disk that fails', Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' })],
])('keeps a reply over any number of tries against %s, and stores it afterwards', (_what, error) => {
  let works = false;
  const saved: Message[] = [];
  const told: Message[] = [];
  const unsaved = createUnsavedReplies({
    save(message) {
      if (!works) throw error;
      saved.push(message);
    },
    isGone: neverGone,
    onSaved: (message) => told.push(message),
  });
  const reply = storing('r');
  unsaved.hold(reply);
  unsaved.hold({ finished: broken, shown: broken });
  unsaved.retry();
  unsaved.retry();
  expect(unsaved.find('r')).toBe(reply.shown);
  works = true;
  unsaved.retry();
  // The error of storing is over, that of the reply is not.
  expect(saved).toEqual([reply.finished, broken]);
  expect(told).toEqual(saved);
  expect(unsaved.find('r')).toBeUndefined();
  unsaved.close();
  expect(saved).toHaveLength(2);
});

it('forgets a reply whose chat is gone, and goes on to the next', () => {
  const saved: string[] = [];
  const unsaved = createUnsavedReplies({
    save({ id }) {
      if (id === 'r') throw new Error('FOREIGN KEY constraint failed');
      saved.push(id);
    },
    isGone: ({ id }) => id === 'r',
    onSaved: () => {},
  });
  unsaved.hold(storing('r'));
  unsaved.hold({ finished: broken, shown: broken });
  unsaved.close();
  expect(unsaved.find('r')).toBeUndefined();
  expect(saved).toEqual(['s']);
});

it('keeps a reply while the database does not even tell whether its chat is there', () => {
  let works = false;
  const saved: string[] = [];
  const refuse = (): never => {
    throw new AppError('disk.denied', 'The disk failed.');
  };
  const unsaved = createUnsavedReplies({
    save: ({ id }) => (works ? void saved.push(id) : refuse()),
    isGone: () => works || refuse(),
    onSaved: () => {},
  });
  unsaved.hold(storing('r'));
  unsaved.retry();
  expect(unsaved.find('r')).toBeDefined();
  works = true;
  unsaved.close();
  expect(saved).toEqual(['r']);
});

it('goes on to the next reply when the news of one cannot be told, and hands the error on', () => {
  const [saved, defects]: [string[], unknown[]] = [[], []];
  const broke = new Error('a window broke');
  const unsaved = createUnsavedReplies({
    save: ({ id }) => void saved.push(id),
    isGone: neverGone,
    onSaved({ id }) {
      if (id === 'r') throw broke;
    },
    onDefect: (error) => defects.push(error),
  });
  unsaved.hold(storing('r'));
  unsaved.hold({ finished: broken, shown: broken });
  unsaved.retry();
  expect([saved, defects, unsaved.find('r')]).toEqual([['r', 's'], [broke], undefined]);
  unsaved.close();
});

it('stores the last form of a reply that is held twice, once', () => {
  const saved: Message[] = [];
  const unsaved = createUnsavedReplies({
    save: (message) => void saved.push(message),
    isGone: neverGone,
    onSaved: () => {},
  });
  unsaved.hold(storing('r'));
  const later = { id: 'r', error: null, status: 'complete' } as Message;
  unsaved.hold({ finished: later, shown: later });
  unsaved.close();
  expect(saved).toEqual([later]);
});

it('tries by itself', async () => {
  const saved = Promise.withResolvers<Message>();
  const unsaved = createUnsavedReplies({
    save: () => {},
    isGone: neverGone,
    onSaved: (message) => saved.resolve(message),
    retryMs: 1,
  });
  unsaved.hold(storing('r'));
  expect(await saved.promise).toMatchObject({ id: 'r', error: null });
  unsaved.close();
});
