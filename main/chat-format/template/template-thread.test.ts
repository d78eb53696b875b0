import type { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { createTemplateThread, type TemplateThread } from './template-thread.ts';

/** A thread with this source, which is JavaScript. */
function threadOf(source: string, limitMs: number): TemplateThread<string, string> {
  const head = "import { parentPort } from 'node:worker_threads';\n";
  const file = new URL(`data:text/javascript,${encodeURIComponent(head + source)}`);
  const thread = createTemplateThread<string, string>(null, file, limitMs);
  onTestFinished(() => thread.close());
  return thread;
}

it('has its time limit for a question and not for its start, which takes long on a busy machine', async () => {
  const thread = threadOf(
    `setTimeout(() => {
       parentPort.on('message', (question) => {
         if (question !== 'loop') parentPort.postMessage({ answer: question });
       });
       parentPort.postMessage('ready');
     }, 2500);`,
    2000,
  );
  expect(await thread.ask('a')).toBe('a');
  await expect(thread.ask('loop')).rejects.toMatchObject({
    code: 'template.invalid',
    data: { why: 'too_slow', limitMs: 2000 },
  });
});

it('ends when it fills its memory, before the process does', async () => {
  const thread = threadOf(
    `parentPort.on('message', () => {
       const kept = [];
       // 1.6 GB at most, where there is no limit.
       for (let count = 0; count < 200; count++) kept.push(new Array(1_000_000).fill(count));
       parentPort.postMessage({ answer: String(kept.length) });
     });
     parentPort.postMessage('ready');`,
    60_000,
  );
  await expect(thread.ask('a')).rejects.toMatchObject({ code: 'template.invalid', data: { why: 'ended' } });
});

/** The threads that are started from here on in this test. */
function watchThreads(): readonly Worker[] {
  const started: Worker[] = [];
  const onThread = (worker: Worker): void => void started.push(worker);
  process.on('worker', onThread);
  onTestFinished(() => void process.off('worker', onThread));
  return started;
}

it('is ended at once by a stop while it starts', async () => {
  const started = watchThreads();
  const thread = threadOf(`setTimeout(() => parentPort.postMessage('ready'), 60_000);`, 60_000);
  const stop = new AbortController();
  const asked = thread.ask('a', stop.signal);
  await expect.poll(() => started.length).toBe(1);
  stop.abort();
  await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
  // A thread that has ended has no number. One that does not start would be ended after 20 s.
  await expect.poll(() => started[0]?.threadId, { timeout: 10_000 }).toBe(-1);
});

it('that is closed has ended with its question, and the one behind that starts another', async () => {
  const started = watchThreads();
  const thread = threadOf(
    `parentPort.on('message', (question) => {
       if (question !== 'loop') parentPort.postMessage({ answer: question });
     });
     parentPort.postMessage('ready');`,
    60_000,
  );
  expect(await thread.ask('a')).toBe('a');
  const asked = expect(thread.ask('loop')).rejects.toMatchObject({ code: 'cancelled' });
  const next = thread.ask('b');
  await new Promise(setImmediate);
  await thread.close();
  await asked;
  expect(await next).toBe('b');
  await thread.close();
  await expect.poll(() => started.map(({ threadId }) => threadId)).toEqual([-1, -1]);
});
