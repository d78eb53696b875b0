import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSessionToken, type SessionToken } from './session-token.ts';

interface Tab {
  readonly stored: Map<string, string>;
  isConnected: boolean;
  /** How often the tab got another token. */
  news: number;
}
/** The tab whose code runs. */
let current: Tab;
let address: { hash: string; readonly pathname: string };

function runIn(tab: Tab, work: () => void): void {
  const before = current;
  current = tab;
  work();
  current = before;
}

beforeEach(() => {
  const channels: { readonly tab: Tab; onmessage: ((event: { readonly data: unknown }) => void) | null }[] = [];
  const makeChannel = () => {
    const own: (typeof channels)[number] & { postMessage?: (data: unknown) => void } = {
      tab: current,
      onmessage: null,
    };
    own.postMessage = (data) => {
      for (const other of channels) if (other !== own) runIn(other.tab, () => other.onmessage?.({ data }));
    };
    channels.push(own);
    return own;
  };
  vi.stubGlobal('BroadcastChannel', function () {
    return makeChannel();
  });
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => current.stored.get(key) ?? null,
    setItem: (key: string, value: string) => void current.stored.set(key, value),
  });
  address = { hash: '', pathname: '/' };
  const replaceState = (_state: unknown, _title: string, to: string): void => {
    address.hash = to.slice(to.indexOf('#'));
  };
  vi.stubGlobal('window', { location: address, history: { replaceState }, addEventListener: () => {} });
});
afterEach(() => void vi.unstubAllGlobals());

/** A tab that was opened at an address with this part after `#`. */
function openTab(hash: string, isConnected: boolean): { tab: Tab; token: SessionToken } {
  const tab: Tab = { stored: new Map(), isConnected, news: 0 };
  current = tab;
  address.hash = hash;
  const made = createSessionToken(
    () => tab.isConnected,
    () => tab.news++,
  );
  return {
    tab,
    token: {
      get() {
        current = tab;
        return made.get();
      },
      ask: () => runIn(tab, made.ask),
    },
  };
}

it('comes from the address, and does not stay in it', () => {
  const { token } = openTab('#token=secret', false);
  expect([token.get(), address.hash]).toEqual(['secret', '#/']);
});

it('is given to a tab that asks by one that it connects, and by no tab with that of an earlier start', () => {
  const old = openTab('#token=old', false);
  const asking = openTab('', false);
  asking.token.ask();
  expect([asking.token.get(), asking.tab.news]).toEqual([null, 0]);
  // A tab at the address of the next start gives its token to all that are not connected.
  const connected = openTab('#token=new', true);
  expect([asking.token.get(), old.token.get(), connected.tab.news]).toEqual(['new', 'new', 0]);
  const later = openTab('', false);
  later.token.ask();
  expect([later.token.get(), later.tab.news, asking.tab.news]).toEqual(['new', 1, 1]);
});

it('of another start is not taken by a tab that is connected', () => {
  const connected = openTab('#token=right', true);
  openTab('#token=other', false);
  expect([connected.token.get(), connected.tab.news]).toEqual(['right', 0]);
});
