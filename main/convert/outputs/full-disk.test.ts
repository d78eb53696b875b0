import { expect, it } from 'vitest';
import { AppError } from '../../../preload/wire/errors.ts';
import { createFullDisk, SPARE_BYTES } from './full-disk.ts';

const withFree = (free: { bytes: number | null }) =>
  createFullDisk(
    () => Promise.resolve(free.bytes),
    () => '/',
  );

it('waits for the room that the work asked for', async () => {
  const free = { bytes: 5 };
  const disk = withFree(free);
  await disk.check();
  const error = new AppError('disk.full', 'Full.', { neededBytes: 10, freeBytes: 5 });
  await expect(disk.during(() => Promise.reject(error))).rejects.toBe(error);
  await expect(disk.check()).rejects.toMatchObject({ code: 'disk.full', data: { neededBytes: 10, freeBytes: 5 } });
  free.bytes = 10;
  await disk.check();
});

it.each([
  Object.assign(new Error('No space.'), { code: 'ENOSPC' }),
  Object.assign(new Error('Quota.'), { code: 'EDQUOT' }),
  new AppError('disk.full', 'Full.', {}),
])('gives a full disk without figures some (%s)', async (error) => {
  const disk = withFree({ bytes: 5 });
  const data = { neededBytes: SPARE_BYTES, freeBytes: 5 };
  await expect(disk.during(() => Promise.reject(error))).rejects.toMatchObject({ code: 'disk.full', data });
  await expect(disk.check()).rejects.toMatchObject({ data });
});

it('waits for no other error, and not where the system tells no free bytes', async () => {
  const error = new Error('Other.');
  const disk = withFree({ bytes: 0 });
  await expect(disk.during(() => Promise.reject(error))).rejects.toBe(error);
  await disk.check();
  const unknown = withFree({ bytes: null });
  await expect(unknown.during(() => Promise.reject(new AppError('disk.full', '', {})))).rejects.toThrow();
  await unknown.check();
});
