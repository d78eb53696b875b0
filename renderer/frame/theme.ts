/** The theme of the window, from the settings or from the system. public/theme.js sets it before the first paint. */
import { useEffect } from 'react';
import type { Theme } from '../../preload/contract/settings.ts';
import { useLive } from '../connection/live.ts';
import { remember } from '../navigation/memory.ts';

/** Keeps `data-theme` on the document equal to the chosen theme, also while the system's theme changes. */
export function useTheme(): void {
  const settings = useLive('settings.watch', {});
  const theme = settings.value?.theme;
  useEffect(() => {
    if (theme === undefined) return; // until then the value of theme.js stays
    remember('theme', theme);
    return followTheme(theme);
  }, [theme]);
}

function followTheme(theme: Theme): () => void {
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const apply = (): void => {
    const dark = theme === 'system' ? system.matches : theme === 'dark';
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
  };
  apply();
  system.addEventListener('change', apply);
  return () => system.removeEventListener('change', apply);
}
