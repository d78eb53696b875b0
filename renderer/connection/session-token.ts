/**
 * The token of the http shell, in a browser tab. It comes in the address that Hearth prints, after `#token=`, and stays in the storage of
 * this tab, which no other server of this machine sees. Tabs of the same server give it to each other.
 */
const KEY = 'hearth-token';

export interface SessionToken {
  /** Null in a tab that has never had one. */
  readonly get: () => string | null;
  /** Asks the other tabs. */
  readonly ask: () => void;
}

/**
 * Takes the token from the address, now and when another one is entered. `onNew` is called for each later token. A connected tab gives its
 * token to others and takes none, because theirs may be of an earlier start.
 */
export function createSessionToken(isConnected: () => boolean, onNew: () => void): SessionToken {
  const channel = new BroadcastChannel(KEY);

  function take(): boolean {
    const given = new URLSearchParams(window.location.hash.slice(1)).get('token');
    if (given === null) return false;
    sessionStorage.setItem(KEY, given);
    // Not left where it could be copied with the address.
    window.history.replaceState(null, '', `${window.location.pathname}#/`);
    channel.postMessage(given);
    return true;
  }
  take();
  window.addEventListener('hashchange', () => take() && onNew());
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data === null && isConnected()) channel.postMessage(sessionStorage.getItem(KEY));
    if (typeof data !== 'string' || isConnected() || data === sessionStorage.getItem(KEY)) return;
    sessionStorage.setItem(KEY, data);
    onNew();
  };

  return { get: () => sessionStorage.getItem(KEY), ask: () => channel.postMessage(null) };
}
