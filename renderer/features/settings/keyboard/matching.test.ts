import { expect, it } from 'vitest';
import { matching, type KeyGroup } from './use-changeable.ts';

const command = (title: string, ...keys: string[]): KeyGroup['commands'][number] => ({
  ...{ id: title, title, keys, isFixed: false, isChosen: false },
});
const groups: KeyGroup[] = [
  { group: 'Chat', commands: [command('New chat', 'Mod+N'), command('Stop', 'Escape')] },
  { group: 'Window', commands: [command('Undo', 'Mod+Z')] },
];
const show = (key: string): string => key.replace('Mod', 'Ctrl').replace('+', ' ');

it('finds commands by title, group and printed key', () => {
  const titles = (search: string): string[] =>
    matching(groups, search, show).flatMap(({ commands }) => commands.map(({ title }) => title));
  expect(titles('')).toEqual(['New chat', 'Stop', 'Undo']);
  expect(titles('ctrl')).toEqual(['New chat', 'Undo']);
  expect(titles('ctrl z')).toEqual(['Undo']);
  expect(titles('chat st')).toEqual(['Stop']);
  expect(titles('nowhere')).toEqual([]);
});
