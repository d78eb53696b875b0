/** Ollama's dialect: downloads, names and deletions, by Ollama's own client. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ollama, type ProgressResponse } from 'ollama';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHub, type Hub } from '../../hub-server/hub-server.ts';
import type { Job } from '../../../preload/contract/jobs.ts';
import { startApiServer, type ApiServer } from '../../support/api-server.ts';
import { connectTo } from '../../support/app-client.ts';

const ember = readFileSync(path.join(import.meta.dirname, '../../../assets/models/ember-3M-Q8_0.gguf'));
const REPO = 'owner/Fire-GGUF';
const NAME = `hf.co/${REPO}:Q8_0`;
let hub: Hub;
let server: ApiServer;
let client: Ollama;
beforeAll(async () => {
  hub = await startHub({ repos: [{ id: REPO, files: { 'Fire-Q8_0.gguf': ember, 'README.md': '# Fire\n' } }] });
  server = await startApiServer({ variables: { HF_ENDPOINT: hub.url } });
  client = new Ollama({ host: server.address });
}, 60_000);
afterAll(async () => {
  await server.close();
  await hub.close();
});

const question = [{ role: 'user', content: 'Who are you?' }];
const names = async (): Promise<string[]> => (await client.list()).models.map(({ name }) => name).sort();
/** The app's downloads, as a page sees them. */
async function jobsNow(): Promise<readonly Job[]> {
  const page = await connectTo(server.app);
  try {
    for await (const event of page.client.stream('jobs.watch', {})) if (event.type === 'snapshot') return event.jobs;
    return [];
  } finally {
    page.close();
  }
}
async function collected(stream: AsyncIterable<ProgressResponse>): Promise<ProgressResponse[]> {
  const lines: ProgressResponse[] = [];
  for await (const line of stream) lines.push(line);
  return lines;
}

describe('/api/pull', () => {
  it('says what to write for a name of Ollama’s own library, and which files there are', async () => {
    for (const model of ['llama3.2', 'llama3.2:3b', 'library/qwen3'])
      await expect(client.pull({ model })).rejects.toMatchObject({
        status_code: 404,
        message: expect.stringMatching(/OWNER\/NAME:QUANTIZATION/),
      });
    await expect(client.pull({ model: `hf.co/${REPO}:Q4_K_M` })).rejects.toMatchObject({
      status_code: 404,
      message: expect.stringMatching(/It has Q8_0/),
    });
    await expect(client.pull({ model: 'owner/nothing' })).rejects.toMatchObject({ status_code: 404 });
    expect(await client.pull({ model: 'ember' })).toEqual({ status: 'success' });
  });

  it('leaves a download that was hung up on resumable, and the next pull goes on with it', async () => {
    const slow = hub.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 400_000 });
    const stream = await client.pull({ model: NAME, stream: true });
    const reading = (async () => {
      for await (const { completed } of stream) if ((completed ?? 0) > 0) stream.abort();
    })();
    await expect(reading).rejects.toThrow(/abort/i);
    const job = async () => (await jobsNow()).find(({ repoId }) => repoId === REPO);
    await expect.poll(async () => (await job())?.state).toBe('paused');
    const received = (await job())?.doneBytes ?? 0;
    expect(received).toBeGreaterThan(0);
    slow.remove();
    const lines = await collected(await client.pull({ model: NAME, stream: true }));
    expect([lines[0]?.status, lines.at(-1)?.status]).toEqual(['pulling manifest', 'success']);
    const progress = lines.filter(({ digest }) => digest !== undefined);
    expect(progress.at(-1)).toMatchObject({ total: ember.length, completed: ember.length });
    expect(new Set(progress.map(({ digest }) => digest)).size).toBe(1);
    expect(await names()).toEqual(['ember:latest', `${REPO}:Q8_0`]);
    const { digest, size } = (await client.list()).models.find(({ name }) => name === `${REPO}:Q8_0`) ?? {};
    expect([digest, size]).toEqual([createHash('sha256').update(ember).digest('hex'), ember.length]);
    for (const model of [NAME, `${REPO}:q8_0`, `${REPO}:latest`, REPO])
      expect((await client.chat({ model, messages: question, options: { num_predict: 1 } })).eval_count).toBe(1);
  });

  it('answers at once where all is here', async () => {
    expect(await client.pull({ model: NAME })).toEqual({ status: 'success' });
    expect((await collected(await client.pull({ model: NAME, stream: true }))).at(-1)).toEqual({ status: 'success' });
  });
});

describe('names', () => {
  it('makes a name with a system prompt, a template, parameters and messages', async () => {
    const lines = await collected(
      await client.create({
        ...{ model: 'warm:latest', from: 'ember', stream: true, license: 'mine' },
        system: 'You are warm.',
        template:
          '{{ if .System }}<|im_start|>system\n{{ .System }}<|im_end|>\n{{ end }}<|im_start|>user\n{{ .Prompt }}<|im_end|>\n<|im_start|>assistant\n{{ .Response }}',
        parameters: { num_predict: 6, stop: ['<x>'], num_ctx: 99 },
      }),
    );
    expect(lines.map(({ status }) => status)).toEqual([
      'reading model metadata',
      expect.stringMatching(/num_ctx is left out/),
      expect.stringMatching(/LICENSE is left out/),
      'writing manifest',
      'success',
    ]);
    expect(await names()).toContain('warm:latest');
    const shown = await client.show({ model: 'warm' });
    expect(shown).toMatchObject({ system: 'You are warm.', parameters: expect.stringMatching(/^num_predict +6$/m) });
    const answer = await client.chat({ model: 'warm', messages: question });
    expect([answer.eval_count, answer.done_reason]).toEqual([6, 'length']);
    const { body } = await server.ask('/apply-template', { model: 'warm', messages: question });

    expect(body.prompt).toBe(
      '<|im_start|>system\nYou are warm.<|im_end|>\n<|im_start|>user\nWho are you?<|im_end|>\n<|im_start|>assistant\n',
    );
    // From a name, with more over it.
    await client.create({ model: 'warmer', from: 'warm', parameters: { temperature: 0.1 }, messages: question });
    const warmer = await client.show({ model: 'warmer' });
    expect(warmer).toMatchObject({ system: 'You are warm.', messages: question });
    expect(warmer.parameters).toMatch(/temperature +0\.1[^]*num_predict +6|num_predict +6[^]*temperature +0\.1/);
  });

  it('reads the Modelfile that it gives', async () => {
    const { modelfile } = await client.show({ model: 'warm' });
    expect((await server.ask('/api/create', { name: 'again', modelfile })).status).toBe(200);
    const [again, warm] = await Promise.all(['again', 'warm'].map((model) => client.show({ model })));
    expect({ ...again, modified_at: null }).toEqual({ ...warm, modified_at: null });
  });

  it('refuses what makes a new file, in words', async () => {
    for (const [body, reason] of [
      [{ from: 'ember', quantize: 'q4_K_M' }, /hearth quantize/],
      [{ from: 'ember', adapters: { 'a.gguf': 'sha256:0' } }, /load settings/],
      [{ files: { 'a.gguf': 'sha256:0' } }, /hearth convert/],
      [{ from: 'ember', path: '/etc/passwd' }, /modelfile/],
      [{}, /from/],
      [{ from: 'ember', parameters: { temperature: 'hot' } }, /parameters\.temperature/],
      [{ from: 'ember', template: '{{ .Nothing }}' }, /\.Nothing/],
      [{ from: 'ember', messages: [{ role: 'tool', content: 'x' }] }, /messages/],
    ] as const)
      expect(await server.ask('/api/create', { model: 'new', ...body })).toMatchObject({
        ...{ status: 400, body: { error: expect.stringMatching(reason) } },
      });
    expect((await server.ask('/api/create', { model: 'new', from: 'nobody' })).status).toBe(404);
    expect((await server.ask('/api/create', { model: 'ember', from: 'ember' })).status).toBe(400);
    expect((await server.ask('/api/create', { model: '../x y', from: 'ember' })).status).toBe(400);
    const blob = await fetch(`${server.address}/api/blobs/sha256:00`, { method: 'POST', body: 'x' });
    expect([blob.status, await blob.json()]).toEqual([400, { error: expect.stringMatching(/hearth convert/) }]);
    expect((await fetch(`${server.address}/api/blobs/sha256:00`, { method: 'HEAD' })).status).toBe(400);
    await expect(client.push({ model: 'ember' })).rejects.toThrow(/publishes no models/);
  });

  it('copies a name, and deletes names without their models', async () => {
    expect(await client.copy({ source: 'warm', destination: 'copy' })).toEqual({ status: 'success' });
    const [copy, warm] = await Promise.all(['copy', 'warm'].map((model) => client.show({ model })));
    expect([copy?.system, copy?.parameters]).toEqual([warm?.system, warm?.parameters]);
    await client.copy({ source: 'ember', destination: 'plain' });
    const { models } = await client.list();
    const digestOf = (name: string) => models.find((one) => one.name === name)?.digest;
    expect(digestOf('plain:latest')).toBe(digestOf('ember:latest'));
    expect(digestOf('warm:latest')).not.toBe(digestOf('ember:latest'));
    for (const model of ['copy', 'plain:latest', 'again', 'warm', 'warmer']) await client.delete({ model });
    expect(await names()).toEqual(['ember:latest', `${REPO}:Q8_0`]);
    await expect(client.delete({ model: 'copy' })).rejects.toMatchObject({ status_code: 404 });
    await expect(client.copy({ source: 'nobody', destination: 'x' })).rejects.toMatchObject({ status_code: 404 });
  });

  it('deletes a model, which the window can bring back', async () => {
    await expect(client.delete({ model: 'ember' })).rejects.toThrow(/built-in/);
    await client.delete({ model: NAME });
    expect(await names()).toEqual(['ember:latest']);
    await server.app.call('library.undoDeleteModel', { modelId: `${REPO}/Fire-Q8_0.gguf` });
    expect(await names()).toEqual(['ember:latest', `${REPO}:Q8_0`]);
  });
});
