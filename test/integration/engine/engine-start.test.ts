/** Children that the system refuses to start. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { createSpawnChild } from '../../../main/process/spawn-child.ts';
import { superviseChild } from '../../../main/engine/host/processes/engine-process.ts';

it('a child that the system refuses at once has a typed end, and its calls have that error', async () => {
  const start = createSpawnChild(process.execPath, '/no/child.js');
  const child = superviseChild(start({ TOO_LONG: 'x'.repeat(5_000_000) }));
  const call = child.client.call('ping', {}).catch(child.explain);
  await child.kill(await child.ended);
  expect(child.death).toMatchObject({
    code: 'engine.start_failed',
    data: { reason: expect.stringContaining('E2BIG') as string },
  });
  expect(await call).toBe(child.death);
});

it(
  'a process without descriptors goes on when its child cannot be started',
  { skip: process.platform === 'win32' },
  () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-spawn-'));
    const main = (file: string): string => JSON.stringify(path.join(import.meta.dirname, '../../../main', file));
    writeFileSync(
      path.join(folder, 'full.ts'),
      `import { openSync } from 'node:fs';
     import { createSpawnChild } from ${main('process/spawn-child.ts')};
     import { superviseChild } from ${main('engine/host/processes/engine-process.ts')};
     const start = createSpawnChild(process.execPath, '/no/child.js');
     try { for (;;) openSync('/dev/null'); } catch {}
     const child = superviseChild(start());
     const call = child.client.call('devices', {}).catch(child.explain);
     await child.kill(new Error('not needed'));
     console.log((await child.ended).code, JSON.stringify((await call).data));`,
    );
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', 'ulimit -n 64; exec "$0" "$1"', process.execPath, path.join(folder, 'full.ts')],
      {
        encoding: 'utf8',
      },
    );
    rmSync(folder, { recursive: true });
    expect([stdout.trim(), stderr]).toEqual([expect.stringMatching(/^engine\.start_failed .*EMFILE/), '']);
  },
);
