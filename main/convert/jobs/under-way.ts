/** What work is under way, so that the same work is started once. */
import { AppError } from '../../../preload/wire/errors.ts';
import type { WorkOrder } from '../../base/work.ts';
import type { JobTools } from './tools.ts';

export interface UnderWay {
  /** Whether work with this key is under way. A key is a text for everything that decides the output. */
  has(key: string): boolean;
  /**
   * Starts the order that `make` gives. An order that cannot be started leaves nothing.
   * @throws AppError `busy` with the job's id where work with the key is under way; what `make` and the start throw.
   */
  start(key: string, make: () => WorkOrder | Promise<WorkOrder>): Promise<{ readonly jobId: string }>;
  /** The order, with whose job the key begins and ends to be under way. */
  hold(key: string, order: WorkOrder): WorkOrder;
}

export function createUnderWay(run: JobTools['run']): UnderWay {
  /** The keys, each with the id of its job; empty before it has one. */
  const jobIds = new Map<string, string>();

  function hold(key: string, order: WorkOrder): WorkOrder {
    jobIds.set(key, '');
    return {
      ...order,
      onState(job) {
        order.onState?.(job);
        if (job === null || job.state === 'done' || job.state === 'failed') jobIds.delete(key);
        else jobIds.set(key, job.id);
      },
    };
  }

  return {
    has: (key) => jobIds.has(key),
    hold,
    async start(key, make) {
      const other = jobIds.get(key);
      if (other !== undefined)
        throw new AppError('busy', 'This work is under way already.', { reason: 'conversion_active', jobId: other });
      jobIds.set(key, '');
      let order: WorkOrder | null = null;
      try {
        order = hold(key, await make());
        const { jobId } = run(order);
        if (jobIds.has(key)) jobIds.set(key, jobId);
        return { jobId };
      } catch (error) {
        jobIds.delete(key);
        order?.onState?.(null);
        await order?.discard?.();
        throw error;
      }
    },
  };
}
