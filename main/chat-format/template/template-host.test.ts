import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { isAppError } from '../../../preload/wire/errors.ts';
import { createTemplateHost, createTemplateHosts, type TemplateHost } from './template-host.ts';

const workerFile = new URL('./template-worker.ts', import.meta.url);
const special = { bos: '<s>', eos: '</s>' };
const hello = [{ role: 'user', content: 'Hello' }] as const;
const looping =
  '{% if messages[0].content == "loop" %}{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}{% endif %}{{ bos_token }}';

/** Few steps, each of them slow. */
const endless =
  '{% if messages[0].content == "loop" %}{% for a in range(99999) %}{% set x = range(99999)|sum %}{% endfor %}{% endif %}{{ bos_token }}';

let host: TemplateHost | undefined;
afterEach(async () => {
  await host?.close();
});

describe('a template host', () => {
  it('ends a template at its limit of steps, and the thread lives', async () => {
    host = createTemplateHost({ source: looping, special }, workerFile, 60_000);
    await expect(host.render([{ role: 'user', content: 'loop' }])).rejects.toSatisfy(
      (error) => isAppError(error, 'template.invalid') && error.message.includes('did not finish within 5000000 steps'),
    );
    expect((await host.render(hello)).text).toBe('<s>');
  });

  it('ends a template that takes too long by the clock', async () => {
    host = createTemplateHost({ source: looping, special }, workerFile, 1);
    await expect(host.render([{ role: 'user', content: 'loop' }])).rejects.toSatisfy(
      (error) => isAppError(error, 'template.invalid') && error.data['limitMs'] === 1,
    );
  });

  it('leaves no thread behind when a template does not end, and renders the next conversation in another', async () => {
    const threads: Worker[] = [];
    const onThread = (thread: Worker): void => void threads.push(thread);
    process.on('worker', onThread);
    onTestFinished(() => void process.off('worker', onThread));
    host = createTemplateHost({ source: endless, special }, workerFile, 30);
    await expect(host.render([{ role: 'user', content: 'loop' }])).rejects.toMatchObject({
      code: 'template.invalid',
      data: { why: 'too_slow', limitMs: 30, fallback: 'plain' },
    });
    // A thread that has ended has no number.
    await expect.poll(() => threads.map(({ threadId }) => threadId)).toEqual([-1]);
    host = createTemplateHost({ source: endless, special }, workerFile, 60_000);
    expect((await host.render(hello)).text).toBe('<s>');
    await host.close();
    await expect.poll(() => threads.map(({ threadId }) => threadId)).toEqual([-1, -1]);
  });

  it('ends its thread when it is stopped, and renders the next conversation in another', async () => {
    host = createTemplateHost({ source: endless, special }, workerFile, 60_000);
    expect((await host.render(hello)).text).toBe('<s>');
    const stop = new AbortController();
    const stopped = host.render([{ role: 'user', content: 'loop' }], [], { signal: stop.signal });
    const waiting = host.render(hello, [], { signal: stop.signal });
    const next = host.render(hello);
    // The thread has its question by then.
    await new Promise(setImmediate);
    const before = process.cpuUsage();
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect((await next).text).toBe('<s>');
    const { user, system } = process.cpuUsage(before);
    // A thread start takes 0.2 s of the processor, and the whole rendering would have taken a minute.
    expect((user + system) / 1e6).toBeLessThan(5);
  });

  it('cancels a question at once that waits behind another', async () => {
    host = createTemplateHost({ source: endless, special }, workerFile, 60_000);
    const before = host.render([{ role: 'user', content: 'loop' }]).catch((error: unknown) => error);
    const stop = new AbortController();
    const waiting = host.render(hello, [], { signal: stop.signal });
    stop.abort();
    // The question before it is at work for a minute.
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await host.close();
    expect(await before).toMatchObject({ code: 'cancelled' });
  });

  it('tells why tools go in words, between two renderings', async () => {
    host = createTemplateHost({ source: '{{ tools|map("upper")|tojson if tools }}x', special }, workerFile, 60_000);
    const answers = await Promise.all([host.render(hello), host.toolProblem(), host.render(hello), host.toolProblem()]);
    expect(answers).toEqual([
      { text: 'x', toolsRefused: null },
      { why: 'invalid', detail: expect.stringContaining('not JSON serializable') as string },
      { text: 'x', toolsRefused: null },
      answers[1],
    ]);
  });
});

describe('a host of the templates of requests', () => {
  it('renders each by its source and the variables of the request, and refuses a bad one alone', async () => {
    const hosts = createTemplateHosts(special, workerFile, 60_000);
    onTestFinished(() => hosts.close());
    const first = hosts.of('{{ bos_token }}{{ messages[0].content }}{{ " " ~ mood if mood is defined }}');
    expect((await first.render(hello)).text).toBe('<s>Hello');
    expect((await first.render(hello, [], { options: { mood: 'glad' } })).text).toBe('<s>Hello glad');
    await expect(hosts.of('{% if %}').render(hello)).rejects.toMatchObject({ code: 'template.invalid' });
    await expect(hosts.of('{% if %}').render(hello)).rejects.toMatchObject({ code: 'template.invalid' });
    for (let index = 0; index < 40; index++)
      expect((await hosts.of(`{{ ${index} + n }}`).render(hello, [], { options: { n: 1 } })).text).toBe(`${index + 1}`);
    expect((await first.render(hello)).text).toBe('<s>Hello');
    expect(await hosts.of('{{ tools|tojson }}').toolProblem()).toBeNull();
    expect(await hosts.of('{{ "tools" }}').toolProblem()).toEqual({ why: 'left_out' });
  });
});
