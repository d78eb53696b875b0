import { describe, expect, it } from 'vitest';
import { commands } from './cli.ts';
import { helpText } from './usage.ts';

describe.each(Object.entries(commands))('the help of hearth %s', (name, { options, positionals }) => {
  const help = helpText(name);
  const synopsis = help.split('\n')[0] ?? '';

  it('has its options, and those alone', () => {
    // An option begins a line; another spelling or option follows a comma.
    const told = help
      .split('\n')
      .filter((line) => /^ {2}--/.test(line))
      .flatMap((line) => [...(/^ {2}(--.*?)(?: {2,}|$)/.exec(line)?.[1] ?? '').matchAll(/--([a-z-]+)/g)])
      .map(([, option]) => option)
      .filter((option) => option !== 'json');
    const listed = [...help.matchAll(/--all/g)].length > 0 ? [...told, 'all'] : told;
    expect([...new Set(listed)].sort()).toEqual([...options].sort());
  });

  it('explains what it takes, and nothing else', () => {
    expect(synopsis.startsWith(`Usage: hearth ${name} `)).toBe(true);
    expect(/^ {2}MODEL is /m.test(help)).toBe(/MODEL|TAG/.test(synopsis));
    expect(/^ {2}OWNER\/NAME\[@REVISION\] is /m.test(help)).toBe(/OWNER\/NAME \|/.test(synopsis));
    const words = synopsis
      .slice(`Usage: hearth ${name}`.length)
      .replaceAll(/ \| \S+/g, '')
      .replace(/ --.*| \[OPTIONS\]$/, '');
    expect(words.split(' ').filter((word) => word !== '')).toHaveLength(positionals.length);
  });

  it('fits into a terminal', () => {
    expect(help.split('\n').filter((line) => line.length > 140)).toEqual([]);
  });
});
