/** What a long paste costs, by the page's own processor time, and what becomes of it. */
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { CDPSession, Page } from 'playwright-core';
import { closeAfterTest, closeBrowser, reload, startApp, targets, type RunningApp } from './harness.ts';

let app: RunningApp | undefined;
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  app = undefined;
});
afterAll(closeBrowser);

/** Latin, Greek and emoji, as in a real document: mixed text is the slowest to lay out. */
const mixed = 'The quick brown fox, η γρήγορη αλεπού, 🦊 jumps over it. ';
const textOf = (length: number): string => mixed.repeat(Math.ceil(length / mixed.length)).slice(0, length);

/** The same in lines of usual length. */
const lined = (length: number): string => textOf(length).replaceAll('🦊 ', '🦊\n');

/** Pastes into the focused field, as the clipboard does. */
async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData('text/plain', pasted);
    document.activeElement?.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
    );
  }, text);
}

/** Milliseconds of processor time of the page's main thread in tasks, which waiting for a busy machine does not add to. */
async function processorMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN) * 1000;
}

/** The page has drawn what came before. */
const drawn = (page: Page): Promise<unknown> =>
  page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');

describe.each(targets())('a paste in the %s', (target) => {
  it('of a megabyte costs under 100 ms, and a key after it under 16 ms', async () => {
    app = await startApp(target);
    const { page } = app;
    const composer = page.getByRole('textbox', { name: 'Message' });
    await composer.focus();
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const cost = async (work: () => Promise<unknown>): Promise<number> => {
      await drawn(page);
      const before = await processorMs(session);
      await work();
      await drawn(page);
      return (await processorMs(session)) - before;
    };
    const text = textOf(1_000_000);
    // What hands the text to the page is no part of a paste.
    await page.evaluate((given) => Object.assign(window, { given }), text);
    const pasteMs = await cost(() =>
      page.evaluate(() => {
        const data = new DataTransfer();
        data.setData('text/plain', (window as unknown as { given: string }).given);
        document.activeElement?.dispatchEvent(
          new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
        );
      }),
    );
    await page.getByRole('button', { name: 'Open Pasted text' }).waitFor();
    const keys = 10;
    const keyMs =
      (await cost(async () => {
        for (let key = 0; key < keys; key++) await page.keyboard.press('a');
      })) / keys;
    console.log(`A paste of 1 MB: ${pasteMs.toFixed(1)} ms. A key after it: ${keyMs.toFixed(2)} ms.`);
    expect(pasteMs).toBeLessThan(100);
    expect(keyMs).toBeLessThan(16);
    expect(await composer.inputValue()).toBe('a'.repeat(keys));
  });

  it('of 300,000 characters can be turned into text, and a key in the middle of it costs little', async () => {
    app = await startApp(target);
    const { page } = app;
    const composer = page.getByRole('textbox', { name: 'Message' });
    await composer.focus();
    await paste(page, lined(300_000));
    await page.getByRole('button', { name: 'Open Pasted text' }).click();
    await page.getByRole('button', { name: 'Turn into text' }).click();
    await expect.poll(async () => (await composer.inputValue()).length).toBe(300_000);
    await composer.evaluate((node: HTMLTextAreaElement) => {
      node.focus();
      node.setSelectionRange(150_000, 150_000);
    });
    // What is typed is counted from a sample.
    await page.getByText(/^about [\d,]+ tokens$/).waitFor();
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    await drawn(page);
    const before = await processorMs(session);
    const keys = 20;
    for (let key = 0; key < keys; key++) await page.keyboard.press('a');
    await drawn(page);
    const keyMs = ((await processorMs(session)) - before) / keys;
    console.log(`A key in 300,000 characters: ${keyMs.toFixed(2)} ms.`);
    // 14 ms were measured with ten other programs on two cores.
    expect(keyMs).toBeLessThan(33);
    expect((await composer.inputValue()).slice(149_999, 150_021)).toContain('a'.repeat(keys));
  });

  it('over 2,500 characters is a file that opens, survives a reload, turns back into text, and is sent', async () => {
    app = await startApp(target);
    const { page } = app;
    const composer = page.getByRole('textbox', { name: 'Message' });
    const chip = page.getByRole('button', { name: 'Open Pasted text' });
    await composer.focus();
    await paste(page, textOf(2501));
    await chip.waitFor();
    expect(await composer.inputValue()).toBe('');
    await chip.click();
    await page.getByRole('dialog', { name: 'Pasted text' }).getByText('η γρήγορη αλεπού').waitFor();
    await page.getByRole('button', { name: 'Turn into text' }).click();
    await expect.poll(() => composer.inputValue()).toBe(textOf(2501));
    expect(await chip.count()).toBe(0);

    await composer.fill('');
    await composer.focus();
    await paste(page, textOf(20_001));
    await chip.click();
    await page.getByText('20,001 characters, with a line of more than 20,000').waitFor();
    expect(await page.getByRole('button', { name: 'Turn into text' }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Remove Pasted text' }).click();

    await composer.focus();
    await paste(page, lined(300_001));
    await chip.click();
    await page.getByText('300,001 characters: more than the 300,000 that the field holds').waitFor();
    expect(await page.getByRole('button', { name: 'Turn into text' }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Remove Pasted text' }).click();

    await composer.fill('');
    await composer.focus();
    await page.keyboard.insertText(textOf(3000));
    await chip.waitFor();
    await composer.fill('What is this about?');
    // Drafts are stored when the page closes.
    await reload(page);
    await chip.waitFor();
    expect(await composer.inputValue()).toBe('What is this about?');
    await composer.press('Enter');
    const sent = page.getByRole('log').getByRole('article').first();
    await sent.getByRole('button', { name: 'Open Pasted text' }).click();
    await page.getByRole('dialog', { name: 'Pasted text' }).getByText('jumps over it').waitFor();
    await page.keyboard.press('Escape');
    await sent.getByText('What is this about?').waitFor();
    await page.getByRole('link', { name: 'What is this about?' }).waitFor();
    expect(await page.locator('.chat-composer').getByRole('button', { name: 'Open Pasted text' }).count()).toBe(0);
  });
});
