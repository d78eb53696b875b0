/** The commands whose keys can be chosen: those of the table of keys, and every other one that this window has now. */
import { keysInForce, useChosenKeys } from '../../../navigation/chosen-keys.ts';
import { useCommands } from '../../../navigation/commands.ts';
import { useKeyGroups } from '../../../navigation/keymap.ts';
import { words } from '../../../words/words.ts';

export interface ChangeableKeys {
  readonly id: string;
  readonly title: string;
  readonly keys: readonly string[];
  /** A control handles the key itself. */
  readonly isFixed: boolean;
  readonly isChosen: boolean;
}

export interface KeyGroup {
  readonly group: string;
  readonly commands: readonly ChangeableKeys[];
}

/** By group, in the order of the table of keys; commands without a row there follow in their own group. */
export function useChangeable(): readonly KeyGroup[] {
  const chosen = useChosenKeys();
  const groups = useKeyGroups();
  const inTable = new Set(groups.flatMap(({ rows }) => rows.map(({ id }) => id)));
  const others = useCommands().filter(({ id, hidden }) => hidden !== true && !inTable.has(id));
  const names = new Set([
    ...groups.map(({ group }) => group),
    ...others.map(({ group }) => group ?? words.palette.groups.window),
  ]);
  const isChosen = (id: string): boolean => Object.hasOwn(chosen.keys, id);
  return [...names].map((group) => ({
    group,
    commands: [
      ...(groups.find((one) => one.group === group)?.rows ?? []).map(({ id, title, keys, isChangeable }) => ({
        ...{ id, title, keys },
        isFixed: !isChangeable,
        isChosen: isChosen(id),
      })),
      ...others
        .filter((command) => (command.group ?? words.palette.groups.window) === group)
        .map(({ id, title }) => ({
          ...{ id, title },
          keys: keysInForce(id, [], chosen),
          isFixed: false,
          isChosen: isChosen(id),
        })),
    ],
  }));
}

/** The groups with the commands whose title or keys have every word of the search. `show` gives a key as it is printed. */
export function matching(
  groups: readonly KeyGroup[],
  search: string,
  show: (key: string) => string,
): readonly KeyGroup[] {
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean);
  return groups
    .map(({ group, commands }) => ({
      group,
      commands: commands.filter(({ title, keys }) => {
        const text = [group, title, ...keys.map(show)].join(' ').toLowerCase();
        return wanted.every((word) => text.includes(word));
      }),
    }))
    .filter(({ commands }) => commands.length > 0);
}
