/** The window's commands: the palette lists them, shortcuts run them, and the shortcut overview shows them. */
import type { LucideIcon } from 'lucide-react';
import { useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import { keysInForce, useChosenKeys } from './chosen-keys.ts';
import { matchesShortcut, worksWhileTyping, type Keystroke } from '../ui/shortcut.ts';

export interface Command {
  readonly id: string;
  readonly title: string;
  readonly run: () => void;
  /** Such as `Mod+N`, `Mod+Shift+L` or `?`. Mod is Command on a Mac and Ctrl elsewhere. */
  readonly shortcut?: string;
  /** Other keys that run it. */
  readonly also?: readonly string[];
  readonly group?: string;
  readonly icon?: LucideIcon;
  /** More words by which the palette finds the command. */
  readonly keywords?: readonly string[];
  /** The shortcut belongs to a field with text in it, as undo does. */
  readonly fieldsFirst?: boolean;
  /** `false`: the command is listed, but cannot run now. */
  readonly enabled?: boolean;
  /** The command has a shortcut and is not listed in the palette. */
  readonly hidden?: boolean;
}

export interface CommandRegistry {
  readonly add: (command: Command) => () => void;
  readonly list: () => readonly Command[];
  readonly subscribe: (listener: () => void) => () => void;
  /** Runs the command of the keystroke. Returns whether there was one. */
  readonly dispatch: (stroke: Keystroke, typing: boolean, fieldHasText?: boolean) => boolean;
}

/**
 * An empty registry. When two commands share a shortcut, the one added last runs, so that the inner screen takes
 * precedence.
 */
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
    dispatch(stroke, typing, fieldHasText = false) {
      const found = commands.findLast(
        ({ shortcut, also = [], enabled = true, fieldsFirst = false }) =>
          enabled &&
          !(fieldsFirst && fieldHasText) &&
          [...(shortcut === undefined ? [] : [shortcut]), ...also].some(
            (one) => (!typing || worksWhileTyping(one)) && matchesShortcut(one, stroke, mac),
          ),
      );
      found?.run();
      return found !== undefined;
    },
  };
}

export const commands = createCommandRegistry();

/**
 * Registers a command while the component is mounted. `run` may change at every render. The command is registered in
 * the commit that shows the component, so its shortcut works as soon as the screen is visible.
 */
export function useCommand(command: Command): void {
  const { id, title, group, icon, enabled = true, hidden = false, fieldsFirst = false } = command;
  const keywords = command.keywords?.join(' ');
  const own = [...(command.shortcut === undefined ? [] : [command.shortcut]), ...(command.also ?? [])];
  const [shortcut, ...others] = keysInForce(id, own, useChosenKeys());
  const also = others.join(' ');
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
      fieldsFirst,
      run: () => run.current(),
      ...(shortcut === undefined ? {} : { shortcut }),
      ...(also === '' ? {} : { also: also.split(' ') }),
      ...(group === undefined ? {} : { group }),
      ...(icon === undefined ? {} : { icon }),
      ...(keywords === undefined ? {} : { keywords: keywords.split(' ') }),
    });
  }, [id, title, shortcut, group, icon, enabled, hidden, fieldsFirst, keywords, also]);
}

/** The commands that are registered now. */
export function useCommands(): readonly Command[] {
  return useSyncExternalStore(commands.subscribe, commands.list);
}

/**
 * Scores a command for the typed text, 0 to 1. Every typed word must begin a word of one of the texts, or occur
 * anywhere in the first text, the title. Earlier texts score higher.
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

/** Whether the element under a keystroke takes text. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !target.matches('[type=checkbox], [type=range]')))
  );
}

function hasText(target: EventTarget | null): boolean {
  return (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) && target.value !== '';
}

/** Listens for shortcuts in the whole window from its first render on. Use it once per window. */
export function useShortcuts(): void {
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      // An input method is composing, or a control has handled the key itself.
      if (event.isComposing || event.defaultPrevented) return;
      // Shortcuts do nothing behind a modal layer; a folded panel is none.
      if (document.querySelector('.overlay:not(.overlay-panel)')) return;
      if (commands.dispatch(event, isTyping(event.target), hasText(event.target))) event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
