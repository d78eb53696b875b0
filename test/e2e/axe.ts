/** axe over the page as it is now. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  violations: { id: string; impact: string | null; nodes: { html: string }[] }[];
}

/**
 * What axe finds serious, as `rule: element` lines; within the first element that `within` selects, where there is one. The content
 * security policy keeps scripts out, so it is evaluated.
 */
export async function axeProblems(page: Page, within?: string): Promise<string[]> {
  await page.evaluate(source);
  const root = within === undefined ? 'document' : `document.querySelector(${JSON.stringify(within)}) ?? document`;
  const result = (await page.evaluate(`axe.run(${root})`)) as AxeResult;
  return result.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
}
