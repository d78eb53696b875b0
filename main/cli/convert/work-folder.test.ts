import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openWorkFolder } from './work-folder.ts';

it('does not work through a link, and leaves what that leads to', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-work-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const place = { folder: path.join(folder, 'out'), command: 'convert' };
  const work = await openWorkFolder(place);
  await work.begin('a');
  await work.remove();
  expect(readdirSync(folder)).toEqual([]);
  const precious = path.join(folder, 'precious');
  for (const one of [precious, place.folder]) mkdirSync(one);
  writeFileSync(path.join(precious, 'letter.txt'), 'mine');
  symlinkSync(precious, work.folder, 'junction');
  await expect(openWorkFolder(place)).rejects.toMatchObject({
    code: 'disk.denied',
    message: expect.stringContaining('is in the way') as string,
  });
  // A command of another name removes the link alone.
  const other = await openWorkFolder({ ...place, command: 'quantize' });
  await other.remove();
  expect(readdirSync(precious)).toEqual(['letter.txt']);
  expect(existsSync(work.folder)).toBe(false);
});
