/** Servers elsewhere, from the settings to a reply. */
import path from 'node:path';
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { delta, json, startOpenAiServer, stream, usage, type OpenAiServer } from '../support/openai-server.ts';
import { axeProblems } from './axe.ts';
import { animationsDone, closeBrowser, root, startApp, targets, type RunningApp } from './harness.ts';

let app: RunningApp | undefined;
let remote: OpenAiServer | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
  await remote?.close();
  remote = undefined;
});
afterAll(closeBrowser);

const pictures = process.env['HEARTH_PICTURES'];
/** A picture for a person to look at, where HEARTH_PICTURES names a folder for it. */
async function shoot(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  const folder = path.join(root, 'test-results', pictures);
  mkdirSync(folder, { recursive: true });
  await animationsDone(page);
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

async function openSection(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).waitFor();
  await page.keyboard.press('Control+,');
  await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Engines elsewhere' }).click();
  await page
    .getByRole('region', { name: 'Engines elsewhere' })
    .getByRole('button', { name: 'Add a server…' })
    .waitFor();
}

async function add(page: Page, name: string, address: string, key = ''): Promise<void> {
  await page.getByRole('button', { name: 'Add a server…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a server' });
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await dialog.getByRole('textbox', { name: 'Address' }).fill(address);
  if (key !== '') await dialog.getByRole('textbox', { name: 'Key' }).fill(key);
  await shoot(page, `form-${name.replaceAll(' ', '-')}`);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
}

describe.each(targets())('servers elsewhere in the %s', (target) => {
  it.each(['light', 'dark'] as const)(
    'are added, checked, switched on, chatted with and removed (%s)',
    async (colorScheme) => {
      remote = await startOpenAiServer('vllm', { key: 'abc-123-def' });
      app = await startApp(target, { colorScheme });
      const { page } = app;
      await openSection(page);
      await shoot(page, `empty-${colorScheme}`);
      expect(await axeProblems(page, '#settings-elsewhere')).toEqual([]);

      await add(page, 'GPU server', remote.url, 'wrong');
      // A second one of this name, and one of this address, are refused at their fields.
      await page.getByRole('button', { name: 'Add a server…' }).click();
      const twin = page.getByRole('dialog', { name: 'Add a server' });
      await twin.getByRole('textbox', { name: 'Name', exact: true }).fill('gpu server');
      await twin.getByRole('textbox', { name: 'Address' }).fill(`${remote.url}/v1`);
      await twin.getByRole('button', { name: 'Save' }).click();
      await twin.getByText('“GPU server” is the name of another server.').waitFor();
      expect(await twin.getByRole('textbox', { name: 'Name', exact: true }).getAttribute('aria-invalid')).toBe('true');
      await twin.getByRole('textbox', { name: 'Name', exact: true }).fill('Second');
      await twin.getByRole('button', { name: 'Save' }).click();
      await twin.getByText('“GPU server” has this address already.').waitFor();
      expect(await twin.getByRole('textbox', { name: 'Address' }).getAttribute('aria-invalid')).toBe('true');
      expect(await axeProblems(page, '[role=dialog]')).toEqual([]);
      await page.keyboard.press('Escape');
      await twin.waitFor({ state: 'detached' });
      const card = page.getByRole('article', { name: 'GPU server' });
      // It is off, and was asked nothing.
      expect(await card.getByRole('switch', { name: 'Use GPU server' }).isChecked()).toBe(false);
      expect(remote.seen).toEqual([]);
      await card.getByRole('button', { name: 'Check GPU server' }).click();
      await card.getByRole('alert').getByText('The server does not accept the key').waitFor();
      expect(await page.getByText('wrong').count()).toBe(0);
      await shoot(page, `refused-${colorScheme}`);

      await card.getByRole('button', { name: 'Edit GPU server' }).click();
      const dialog = page.getByRole('dialog', { name: 'Edit GPU server' });
      await animationsDone(page);
      expect(await axeProblems(page, '[role=dialog]')).toEqual([]);
      await dialog.getByRole('textbox', { name: 'Key' }).fill('abc-123-def');
      await page.keyboard.press('Enter');
      await dialog.waitFor({ state: 'detached' });
      await card.getByRole('switch', { name: 'Use GPU server' }).click();
      await card.getByText('vLLM 0.12.0 · 1 model').waitFor();
      await card.getByRole('button', { name: 'Check GPU server' }).click();
      await card.getByRole('list', { name: 'Check of GPU server' }).getByText('The model made none').waitFor();
      await card.getByText('1 model', { exact: true }).first().click();
      await card.getByText('Context size 40,960 · Token counts').waitFor();
      await page.getByText('What each engine can do').click();
      expect(await axeProblems(page, '#settings-elsewhere')).toEqual([]);
      await shoot(page, `checked-${colorScheme}`);
      await page.getByRole('columnheader', { name: 'Ability' }).scrollIntoViewIfNeeded();
      await shoot(page, `table-${colorScheme}`);

      await page.evaluate(() => (window.location.hash = '#/chat'));
      await page.getByRole('button', { name: /^Model:/ }).click();
      await shoot(page, `picker-${colorScheme}`);
      await page.getByRole('menuitemcheckbox', { name: /Qwen\/Qwen3-8B/ }).click();
      await page.getByText('Another program here').waitFor();
      remote.next(
        '/v1/chat/completions',
        stream([delta({ reasoning: 'A greeting.' }), delta({ content: 'Hello from afar.' }, 'stop'), usage(12, 6)]),
      );
      await page.getByRole('textbox', { name: 'Message' }).fill('Hi');
      await page.keyboard.press('Enter');
      await page.getByRole('log').getByText('Hello from afar.').waitFor();
      await shoot(page, `chat-${colorScheme}`);
      await page.keyboard.press('Control+i');
      await page.getByRole('heading', { name: 'This chat' }).waitFor();
      await shoot(page, `inspector-${colorScheme}`);
      await page.keyboard.press('Control+i');

      remote.next('/v1/chat/completions', json({ error: { message: 'CUDA out of memory' } }, 500));
      await page.getByRole('textbox', { name: 'Message' }).fill('And again');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText('The server failed').waitFor();
      await shoot(page, `failure-${colorScheme}`);

      await openSection(page);
      await card.getByRole('button', { name: 'Remove GPU server' }).click();
      await card.waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Undo', exact: true }).click();
      await card.getByText('vLLM 0.12.0 · 1 model').waitFor();
    },
  );

  it('say what leaves this computer, and in the clear', async () => {
    app = await startApp(target);
    const { page } = app;
    await openSection(page);
    await add(page, 'Cluster', 'http://gpu.example.invalid:8000/v1');
    const card = page.getByRole('article', { name: 'Cluster' });
    await card.getByText('Leaves this computer').waitFor();
    await card.getByText('Not encrypted').waitFor();
    await card.getByRole('switch', { name: 'Use Cluster' }).click();
    await card.getByRole('alert').waitFor();
    await shoot(page, 'unreachable');
    // A wrong address is told in the form.
    await card.getByRole('button', { name: 'Edit Cluster' }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit Cluster' });
    await dialog.getByRole('textbox', { name: 'Address' }).fill('https://name:secret@gpu.example.invalid');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText(/Leave the name and the password out/).waitFor();
    await dialog.getByRole('button', { name: 'Add a header' }).click();
    await dialog.getByRole('button', { name: 'Add certificates' }).click();
    await shoot(page, 'form-full');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.evaluate(() => (window.location.hash = '#/new/remote--cluster/some/model'));
    await page.getByText('Leaves this computer').waitFor();
    await shoot(page, 'chat-leaves');
    await card.waitFor({ state: 'detached' });
    await openSection(page);
    await card.getByRole('switch', { name: 'Use Cluster' }).click();
    await page.evaluate(() => (window.location.hash = '#/new/remote--cluster/some/model'));
    await page.getByText('The server of some/model is switched off.').waitFor();
    await shoot(page, 'chat-off');
    await page.getByRole('button', { name: 'Open the settings' }).click();
    await card.waitFor();
  });
});
