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
