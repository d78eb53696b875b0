import { expect, it } from 'vitest';
import type { Message } from '../../preload/contract/chat.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { createUnsavedReplies } from './unsaved-replies.ts';

const full = new AppError('disk.full', 'No room.');
const reply = { id: 'r', error: { code: 'disk.full', message: 'No room.' } } as Message;
const broken = { id: 's', error: { code: 'engine.crashed', message: 'It stopped.' } } as Message;

it('keeps a reply over any number of tries without room, and stores it when there is some', () => {
  let room = false;
  const saved: Message[] = [];
  const told: Message[] = [];
  const unsaved = createUnsavedReplies(
    (message) => {
      if (!room) throw full;
      saved.push(message);
    },
    (message) => told.push(message),
  );
  unsaved.hold(reply);
  unsaved.hold(broken);
  unsaved.retry();
  unsaved.retry();
  expect(unsaved.find('r')).toBe(reply);
  room = true;
  unsaved.retry();
  // The error of the disk is over, that of the reply is not.
  expect(saved).toEqual([{ ...reply, error: null }, broken]);
  expect(told).toEqual(saved);
  expect(unsaved.find('r')).toBeUndefined();
  unsaved.close();
  expect(saved).toHaveLength(2);
});

it('forgets a reply whose chat is gone, and goes on to the next', () => {
  const saved: string[] = [];
  const unsaved = createUnsavedReplies(
    ({ id }) => {
      if (id === 'r') throw new Error('FOREIGN KEY constraint failed');
      saved.push(id);
    },
    () => {},
  );
  unsaved.hold(reply);
  unsaved.hold(broken);
  unsaved.close();
  expect(unsaved.find('r')).toBeUndefined();
  expect(saved).toEqual(['s']);
});

it('tries by itself', async () => {
  const saved = Promise.withResolvers<Message>();
  const unsaved = createUnsavedReplies(
    () => {},
    (message) => saved.resolve(message),
    1,
  );
  unsaved.hold(reply);
  expect(await saved.promise).toMatchObject({ id: 'r', error: null });
  unsaved.close();
});
