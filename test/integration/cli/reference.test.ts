/** docs/command-line.md has every command and every option of the table, and no other. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CommandUsage } from '../../../main/cli/option.ts';
import { usage } from '../../../main/cli/usage.ts';

const text = readFileSync(path.join(import.meta.dirname, '../../../docs/command-line.md'), 'utf8');
const sections = new Map(
  text
    .split(/^### /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section]),
);

it('the reference has a section for each command', () => {
  expect([...sections.keys()].sort()).toEqual(Object.keys(usage).sort());
});

describe.each(Object.entries<CommandUsage>(usage))('the section of hearth %s', (name, command) => {
  const section = sections.get(name) ?? '';

  it('has its options, and those alone', () => {
    const listed = [...section.matchAll(/^- `--([a-z-]+)/gm)].map(([, option]) => option);
    expect(listed).toEqual(Object.keys(command.options));
    for (const [option, { short }] of Object.entries(command.options))
      if (short !== undefined) expect(section).toMatch(new RegExp(`^- \`--${option}[^\\n]*\`-${short}\``, 'm'));
  });

  it('has its arguments, an example and what --json prints', () => {
    for (const { shown } of command.arguments) expect(section).toContain(shown);
    expect(section).toMatch(new RegExp(`^\\$ .*hearth ${name}\\b`, 'm'));
    expect(section).toMatch(/^JSON: /m);
  });
});
