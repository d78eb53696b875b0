/** The window's commands: the palette lists them, shortcuts run them, and the shortcut map shows them. */
import type { LucideIcon } from 'lucide-react';
import { useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import { matchesShortcut, worksWhileTyping, type Keystroke } from '../ui/shortcut.ts';

export interface Command {
  readonly id: string;
  readonly title: string;
  readonly run: () => void;
  /** Such as `Mod+N`, `Mod+Shift+L` or `?`. Mod is Command on a Mac and Ctrl elsewhere. */
  readonly shortcut?: string;
  readonly group?: string;
  readonly icon?: LucideIcon;
  /** Further words that find it in the palette. */
  readonly keywords?: readonly string[];
  /** `false`: listed, but cannot run now. */
  readonly enabled?: boolean;
  /** Has a shortcut, and no line in the palette. */
  readonly hidden?: boolean;
}

export interface CommandRegistry {
  readonly add: (command: Command) => () => void;
  readonly list: () => readonly Command[];
  readonly subscribe: (listener: () => void) => () => void;
  /** Runs the command of the keystroke, and tells whether there was one. */
  readonly dispatch: (stroke: Keystroke, typing: boolean) => boolean;
}

/** An empty registry. Where two commands share a shortcut, the one that was added last has it: the inner screen wins. */
export function createCommandRegistry(mac?: boolean): CommandRegistry {
  let commands: readonly Command[] = [];
  const listeners = new Set<() => void>();
  const set = (next: readonly Command[]): void => {
    commands = next;
    for (const listener of [...listeners]) listener();
  };
  return {
    add(command) {
      set([...commands, command]);
      return () => set(commands.filter((other) => other !== command));
    },
    list: () => commands,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    dispatch(stroke, typing) {
      const found = commands.findLast(
        ({ shortcut, enabled = true }) =>
          shortcut !== undefined &&
          enabled &&
          (!typing || worksWhileTyping(shortcut)) &&
          matchesShortcut(shortcut, stroke, mac),
      );
      found?.run();
      return found !== undefined;
    },
  };
}

export const commands = createCommandRegistry();

/**
 * Registers a command while the component is mounted. `run` may change at every render. Registered in the same commit that shows
 * the component, so a visible screen answers to its keys.
 */
export function useCommand(command: Command): void {
  const { id, title, shortcut, group, icon, enabled = true, hidden = false } = command;
  const keywords = command.keywords?.join(' ');
  const run = useRef(command.run);
  useLayoutEffect(() => {
    run.current = command.run;
  });
  useLayoutEffect(() => {
    return commands.add({
      id,
      title,
      enabled,
      hidden,
      run: () => run.current(),
      ...(shortcut === undefined ? {} : { shortcut }),
      ...(group === undefined ? {} : { group }),
      ...(icon === undefined ? {} : { icon }),
      ...(keywords === undefined ? {} : { keywords: keywords.split(' ') }),
    });
  }, [id, title, shortcut, group, icon, enabled, hidden, keywords]);
}

/** The commands registered now. */
export function useCommands(): readonly Command[] {
  return useSyncExternalStore(commands.subscribe, commands.list);
}

/**
 * How well a command answers what was typed, 0 to 1: every word must begin a word of one of the texts, or at least be in the
 * first of them, which is the title. Earlier texts count more.
 */
export function matchScore(search: string, texts: readonly string[]): number {
  const lower = texts.map((text) => text.toLowerCase());
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const scores = words.map((word) => {
    const begins = lower.findIndex((text) => text.split(/[\s:,.-]+/).some((part) => part.startsWith(word)));
    if (begins >= 0) return 1 / (1 + begins);
    return lower[0]?.includes(word) ? 0.4 : 0;
  });
  return scores.length === 0 ? 1 : Math.min(...scores);
}

/** Whether a keystroke there writes text. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !target.matches('[type=checkbox], [type=range]')))
  );
}

/** Listens for shortcuts in the whole window, from its first picture on. One per window. */
export function useShortcuts(): void {
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      // An input method is composing, or a control has taken the key for itself.
      if (event.isComposing || event.defaultPrevented) return;
      // Behind a modal layer nothing happens.
      if (document.querySelector('.overlay')) return;
      if (commands.dispatch(event, isTyping(event.target))) event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
