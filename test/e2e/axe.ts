/** Runs axe on the current page. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  violations: { id: string; impact: string | null; nodes: { html: string }[] }[];
}

/**
 * The findings of axe that are more than minor (with `withMinor` all), as `rule: element` lines, within the first element that matches `within`. The content
 * security policy forbids script tags, so axe is evaluated.
 */
export async function axeProblems(page: Page, within?: string, withMinor = false): Promise<string[]> {
  await page.evaluate(source);
  const root = within === undefined ? 'document' : `document.querySelector(${JSON.stringify(within)}) ?? document`;
  const result = (await page.evaluate(`axe.run(${root})`)) as AxeResult;
  return (
    result.violations
      .filter(({ impact }) => withMinor || impact !== 'minor')
      .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`))
      // A menu or a popover floats beside the landmarks; its button is in one and says that it has it.
      .filter((found) => !found.startsWith('region: <div data-radix-popper'))
  );
}
