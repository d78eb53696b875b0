/** A Hub that lies, breaks off or refuses while a conversion receives its weights: the right model comes of it, or a typed error. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TransferContext, WorkOrder } from '../../../main/base/work.ts';
import { createConverter } from '../../../main/convert/child/converter.ts';
import { readHeaderOfFile } from '../../../main/library/library.ts';
import type { Fault } from '../../hub-server/hub-server.ts';
import { alone } from '../../support/alone.ts';
import { convertChildren } from '../../support/convert-children.ts';
import { setUpConvert } from '../../support/convert-setup.ts';
import { hastyClock, temporaryFolder, tree } from '../../support/hub-setup.ts';
import { shardName, streamedRepository } from '../../support/streamed-repository.ts';

const REPO = 'owner/sharded';
const files = streamedRepository(1);
const never = new AbortController().signal;

/** The tensors of the model that is converted from a folder. */
let expected: Buffer = Buffer.alloc(0);
let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'hearth-lying-'));
  const folder = path.join(scratch, 'in');
  const outputPath = path.join(scratch, 'out/model.gguf');
  for (const one of [folder, path.dirname(outputPath)]) mkdirSync(one);
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  await createConverter({ startChild: convertChildren.startConvert }).convert(
    { source: { folder }, name: REPO, outputType: 'F16', outputPath, verificationBytes: 0 },
    { signal: never, onEvent: () => {} },
  );
  expected = await tensorsOf(outputPath);
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function tensorsOf(file: string): Promise<Buffer> {
  const { dataOffsetBytes } = await readHeaderOfFile(file);
  return (await readFile(file)).subarray(dataOffsetBytes);
}

/** Converts a repository whose Hub begins with the faults when the first tensor is written. */
async function convertWith(
  ...faults: readonly Fault[]
): Promise<{ readonly folder: string; readonly run: Promise<void> }> {
  const folder = await temporaryFolder();
  let given: WorkOrder | null = null;
  const { convert, server } = await setUpConvert(
    { repos: [{ id: REPO, files }] },
    { clock: hastyClock() },
    {
      ...{ convertedFolder: path.join(folder, 'converted'), workFolder: path.join(folder, 'converting') },
      jobs: { run: (one) => ((given = one), { jobId: '' }) },
    },
  );
  await convert.start(
    { source: { kind: 'hub', repoId: REPO, revision: 'main' }, type: 'F16', keepSource: false, quantize: null },
    never,
  );
  let hasBegun = false;
  const context: TransferContext = {
    ...alone,
    detail(detail) {
      if (hasBegun || detail?.code !== 'conversion' || detail.phase !== 'converting' || detail.name === null) return;
      hasBegun = true;
      for (const fault of faults) server.setFault(fault);
    },
  };
  const order = given as WorkOrder | null;
  if (order === null) throw new Error('There is no order.');
  const run = order.run(context);
  run.catch(() => {}); // the test awaits it
  return { folder, run };
}

const shard = { at: 'cdn', path: `**/${shardName(3)}` } as const;
const cut: Fault = { ...shard, kind: 'cut', afterBytes: 1_500_000, count: 1 };

it.each<[string, readonly Fault[]]>([
  ['ends a file early', [{ ...shard, kind: 'shortBody', missingBytes: 5000, count: 1 }]],
  ['sends more bytes than the file has', [{ ...shard, kind: 'longBody', extraBytes: 5000 }]],
  ['drops the connection ten times', [{ ...shard, kind: 'cut', afterBytes: 300_000, count: 10 }]],
  ['sends another range than it was asked for', [cut, { ...shard, kind: 'wrongRange', skip: 1, count: 1 }]],
  ['asks for patience', [cut, { ...shard, kind: 'status', status: 429, retryAfterSeconds: 1, skip: 1, count: 2 }]],
])('makes the right model although the Hub %s', async (_, faults) => {
  const { folder, run } = await convertWith(...faults);
  await run;
  expect((await tensorsOf(path.join(folder, 'converted/owner--sharded/sharded-F16.gguf'))).equals(expected)).toBe(true);
});

it.each<[string, readonly Fault[], string]>([
  ['has another file than it lists', [{ ...shard, kind: 'corruptByte', offset: 2_500_000 }], 'hub.hash_mismatch'],
  ['always ends the file early', [{ ...shard, kind: 'shortBody', missingBytes: 5000 }], 'hub.bad_response'],
  ['always sends another range', [cut, { ...shard, kind: 'wrongRange', skip: 1 }], 'hub.bad_response'],
  ['takes the file away', [cut, { ...shard, kind: 'status', status: 404, skip: 1 }], 'hub.bad_response'],
])('ends with an error and without a model where the Hub %s', async (_, faults, code) => {
  const { folder, run } = await convertWith(...faults);
  await expect(run).rejects.toMatchObject({ code });
  expect((await tree(folder)).filter((name) => name.endsWith('.gguf'))).toEqual([]);
});
