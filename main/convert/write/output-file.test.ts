import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openOutput, syncToDisk, type OutputRequest, type WrittenSteps } from './output-file.ts';

function request(): OutputRequest {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-output-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'model.gguf');
  return { path: file, sizeBytes: 9000, identity: 'one', sync: (what) => syncToDisk(file, what) };
}

const steps = (end: number): WrittenSteps => ({
  done: [[0, end]],
  odd: [[1, { nan: 1, infinite: 0, overflowing: 0 }]],
});

it('notes what was written in room that was taken before, so that a full disk does not hinder it', async () => {
  const asked = request();
  const [note, spare] = [`${asked.path}.part.json`, `${asked.path}.part.json.new`];
  const file = await openOutput(asked);
  for (const end of [3, 7]) {
    const { ino, size } = statSync(spare);
    expect(size).toBe(4096);
    await file.note(steps(end));
    expect(statSync(note)).toMatchObject({ ino, size });
  }
  await file.close();
  expect(existsSync(spare)).toBe(false);
  const again = await openOutput(asked);
  expect(again.written).toEqual(steps(7));
  await again.finish();
  expect(readdirSync(path.dirname(asked.path))).toEqual(['model.gguf']);
});

it('takes nothing up from a note that is torn, strange or of other work', async () => {
  const asked = request();
  for (const strange of [
    { done: [[0]], odd: [] },
    { done: 7, odd: [] },
    { done: [[-1, 2]], odd: [] },
  ]) {
    const file = await openOutput(asked);
    await file.note(strange as unknown as WrittenSteps);
    await file.close();
    const again = await openOutput(asked);
    expect(again.written).toBeNull();
    await again.note(steps(1));
    await again.close();
    const other = await openOutput({ ...asked, identity: 'two' });
    expect(other.written).toBeNull();
    await other.discard();
    expect(readdirSync(path.dirname(asked.path))).toEqual([]);
  }
});
