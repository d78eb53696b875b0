/**
 * The screen that the window shows. It is stored in the URL's hash, so that back, forward, reload and a pasted URL
 * work.
 */
import { useMemo, useSyncExternalStore } from 'react';

export type Route =
  /** `modelId`: the model that a new chat starts with. */
  | { readonly screen: 'chat'; readonly chatId: string | null; readonly modelId?: string }
  | { readonly screen: 'models'; readonly tab: 'discover'; readonly repoId: string | null }
  | { readonly screen: 'models'; readonly tab: 'local' | 'storage'; readonly repoId: string | null }
  /** `subject`: the model that a new comparison begins with. */
  | { readonly screen: 'models'; readonly tab: 'quality'; readonly subject: string | null }
  /** `subject`: the model or the repository whose tokenizer is shown. */
  | { readonly screen: 'models'; readonly tab: 'tokenizer'; readonly subject: string | null }
  | { readonly screen: 'notebook'; readonly documentId: string | null }
  | { readonly screen: 'server'; readonly tab: ServerTab }
  | { readonly screen: 'personas'; readonly tab: PersonasTab }
  /** `forRepoId`: the gated model that asks for a token; after it is saved, the window goes back there. */
  | { readonly screen: 'settings'; readonly section?: SettingsSection; readonly forRepoId?: string };

export type ModelsRoute = Extract<Route, { screen: 'models' }>;

/** The sections of the settings, in their order. */
export const settingsSections = [
  'appearance',
  'keyboard',
  'replies',
  'engine',
  'elsewhere',
  'folder',
  'folders',
  'downloads',
  'hub',
  'network',
  'chats',
  'computer',
  'developer',
  'about',
] as const;

export type SettingsSection = (typeof settingsSections)[number];

/** The tabs of the API server's screen, in their order. */
const serverTabs = ['activity', 'connect', 'keys', 'names', 'settings'] as const;

export type ServerTab = (typeof serverTabs)[number];

/** The tabs of the personas' screen, in their order. */
const personasTabs = ['personas', 'lorebooks', 'presets'] as const;

export type PersonasTab = (typeof personasTabs)[number];

const home: Route = { screen: 'chat', chatId: null };

/** The route of a hash such as `#/models/discover/OWNER/NAME`. An unknown hash gives the chat. */
export function parseHash(hash: string): Route {
  const parts = hash
    .replace(/^#\/?/, '')
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  switch (parts[0]) {
    case 'chat':
      return { screen: 'chat', chatId: parts[1] ?? null };
    case 'new': {
      const modelId = parts.slice(1).join('/');
      return modelId === '' ? home : { screen: 'chat', chatId: null, modelId };
    }
    case 'models': {
      if (parts[1] === 'local' || parts[1] === 'storage') return { screen: 'models', tab: parts[1], repoId: null };
      if (parts[1] === 'quality' || parts[1] === 'tokenizer')
        return { screen: 'models', tab: parts[1], subject: parts.slice(2).join('/') || null };
      // The Hub's oldest repositories have no owner.
      const repoId = parts.slice(2, 4).join('/') || null;
      return { screen: 'models', tab: 'discover', repoId };
    }
    case 'notebook':
      return { screen: 'notebook', documentId: parts[1] || null };
    case 'server':
      return { screen: 'server', tab: serverTabs.find((name) => name === parts[1]) ?? 'activity' };
    case 'personas':
      return { screen: 'personas', tab: personasTabs.find((name) => name === parts[1]) ?? 'personas' };
    case 'settings': {
      const section = settingsSections.find((name) => name === parts[1]);
      if (section === undefined) return { screen: 'settings' };
      const forRepoId = parts.slice(2, 4).join('/');
      return { screen: 'settings', section, ...(forRepoId === '' ? {} : { forRepoId }) };
    }
    default:
      return home;
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a lone % in a URL typed by hand
  }
}

const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/** The hash of a route, for an `href`. */
export function href(to: Route): string {
  switch (to.screen) {
    case 'chat':
      if (to.chatId !== null) return `#/chat/${encodeURIComponent(to.chatId)}`;
      return to.modelId === undefined ? '#/chat' : `#/new/${encodePath(to.modelId)}`;
    case 'models': {
      const named = 'subject' in to ? to.subject : to.tab === 'discover' ? to.repoId : null;
      return named === null ? `#/models/${to.tab}` : `#/models/${to.tab}/${encodePath(named)}`;
    }
    case 'notebook':
      return to.documentId === null ? '#/notebook' : `#/notebook/${encodeURIComponent(to.documentId)}`;
    case 'server':
      return to.tab === 'activity' ? '#/server' : `#/server/${to.tab}`;
    case 'personas':
      return to.tab === 'personas' ? '#/personas' : `#/personas/${to.tab}`;
    case 'settings': {
      if (to.section === undefined) return '#/settings';
      return `#/settings/${to.section}${to.forRepoId === undefined ? '' : `/${encodePath(to.forRepoId)}`}`;
    }
    default:
      return to satisfies never;
  }
}

/** Navigates to a route or a hash. `replace` adds no entry to the history. */
export function navigate(to: Route | string, options?: { replace?: boolean }): void {
  const hash = typeof to === 'string' ? to : href(to);
  if (hash === window.location.hash) return;
  if (options?.replace) {
    window.history.replaceState(null, '', hash);
    // replaceState fires no event of its own.
    window.dispatchEvent(new Event('hashchange'));
  } else window.location.hash = hash;
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

/** The current route. The same object until the URL changes. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  return useMemo(() => parseHash(hash), [hash]);
}
