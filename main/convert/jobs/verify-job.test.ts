import { expect, it } from 'vitest';
import { alone } from '../../../test/support/alone.ts';
import type { WorkOrder } from '../../base/work.ts';
import { createVerifications } from './verify-job.ts';

it.each(['adapter', 'imatrix'])('says that a file of the kind %s is no model', async (kind) => {
  const orders: WorkOrder[] = [];
  const verifications = createVerifications({
    verifyFile: () => Promise.reject(new Error('It was tried.')),
    findModel: () => Promise.resolve({ path: 'x.gguf', weightsBytes: 1 }),
    readHeader: () => Promise.resolve({ metadata: new Map([['general.type', kind]]) }),
    workspaces: { newId: () => 'id', remove: () => Promise.resolve() },
    run: (order: WorkOrder) => ({ jobId: String(orders.push(order)) }),
  } as unknown as Parameters<typeof createVerifications>[0]);
  await verifications.start('x', null);
  await expect(orders[0]?.run(alone)).rejects.toMatchObject({ code: 'unsupported' });
});
