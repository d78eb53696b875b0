import type { Command } from '../navigation/commands.ts';
import { keymap } from '../navigation/keymap.ts';
import { words } from '../words/words.ts';

const withKeys = Object.keys(keymap);
/** The place in the table of keys; behind it for a command without a key. */
const placeOf = ({ id }: Command): number => (withKeys.includes(id) ? withKeys.indexOf(id) : withKeys.length);

/** Commands by group, those of chats first, and in the order of the table of keys. The ones that cannot run now are a group of their own at the end. */
export function paletteGroups(commands: readonly Command[]): { group: string; commands: Command[] }[] {
  const { recent, chats, byName, chat, list, models, goTo, window, settings, notNow } = words.palette.groups;
  const order: readonly string[] = [chats, byName, recent, chat, list, goTo, models, window, settings, notNow];
  const groups = Map.groupBy(commands, ({ enabled, group }) => (enabled === false ? notNow : (group ?? window)));
  return [...groups]
    .map(([group, list]) => ({ group, commands: list.toSorted((a, b) => placeOf(a) - placeOf(b)) }))
    .sort((a, b) => order.indexOf(a.group) - order.indexOf(b.group));
}
