import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

/** The sources of the page. */
const page = path.join(import.meta.dirname, '../../../renderer');

it('the sign of the load settings and that of the inspector stand for nothing else', () => {
  const files = globSync('**/*.{ts,tsx}', { cwd: page }).filter((name) => !name.endsWith('.test.ts'));
  const users = (icon: RegExp): string[] =>
    files
      .filter((name) => icon.test(readFileSync(path.join(page, name), 'utf8')))
      .map((name) => name.replaceAll('\\', '/'));
  expect(users(/\b(SlidersHorizontal|PanelRight)\b/)).toEqual(['parts/icons.ts']);
  expect(users(/\bInspectorIcon\b/).sort()).toEqual([
    'features/chat/ChatTop.tsx',
    'features/chat/use-chat-commands.ts',
    'features/notebook/DocumentHead.tsx',
    'parts/icons.ts',
  ]);
  // Every file with the one opens the load settings.
  for (const name of users(/\bLoadSettingsIcon\b/).filter((one) => one !== 'parts/icons.ts'))
    expect([name, /openLoadSettings|[lL]oadSettings\b/.test(readFileSync(path.join(page, name), 'utf8'))]).toEqual([
      name,
      true,
    ]);
});
