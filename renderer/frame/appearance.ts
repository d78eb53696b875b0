/** The look of the window, from the settings or from the system. public/theme.js sets it before the first paint. */
import { useEffect } from 'react';
import type { Appearance, Theme } from '../../preload/contract/settings.ts';
import { useLive } from '../connection/live.ts';
import { setChosenKeys } from '../navigation/chosen-keys.ts';
import { recall, remember } from '../navigation/memory.ts';
import { language, languageOf, systemLanguages } from '../words/language.ts';

/**
 * Keeps the attributes of the document equal to the chosen look, also while the system's theme or contrast changes.
 * Another language loads the page again; drafts are stored.
 */
export function useAppearance(): void {
  const settings = useLive('settings.watch', {}).value;
  const theme = settings?.theme;
  const chosenKeys = settings?.chosenKeys;
  useEffect(() => {
    if (chosenKeys !== undefined) setChosenKeys(chosenKeys);
  }, [chosenKeys]);
  // One text for all values, so that an equal appearance of a new event changes nothing.
  const look = settings === undefined ? undefined : JSON.stringify(settings.appearance);
  useEffect(() => {
    if (theme === undefined) return; // until then the value of theme.js stays
    remember('theme', theme);
    return followTheme(theme);
  }, [theme]);
  useEffect(() => {
    if (look === undefined) return;
    remember('appearance', look);
    const appearance = JSON.parse(look) as Appearance;
    if (languageOf(appearance.language, systemLanguages()) !== language) {
      // Where storage is forbidden, the next page would not know the choice either.
      if (recall('appearance') === look) window.location.reload();
      return;
    }
    const { dataset } = document.documentElement;
    for (const name of ['interfaceSize', 'conversationSize', 'density'] as const) dataset[name] = appearance[name];
    return followContrast(appearance.contrast);
  }, [look]);
}

function followTheme(theme: Theme): () => void {
  return follow('(prefers-color-scheme: dark)', (systemIsDark, dataset) => {
    const dark = theme === 'system' ? systemIsDark : theme === 'dark';
    dataset['theme'] = dark ? 'dark' : 'light';
  });
}

function followContrast(contrast: Appearance['contrast']): () => void {
  return follow('(prefers-contrast: more)', (systemWantsMore, dataset) => {
    if (contrast === 'more' || systemWantsMore) dataset['contrast'] = 'more';
    else delete dataset['contrast'];
  });
}

/** Applies what the system says, now and after each change. */
function follow(query: string, apply: (matches: boolean, dataset: DOMStringMap) => void): () => void {
  const system = window.matchMedia(query);
  const update = (): void => apply(system.matches, document.documentElement.dataset);
  update();
  system.addEventListener('change', update);
  return () => system.removeEventListener('change', update);
}
