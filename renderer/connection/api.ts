/** The page's connection to main: the preload bridge in the app's window, a WebSocket in a browser tab. */
import { useSyncExternalStore } from 'react';
import type { HearthClient } from '../../preload/contract/contract.ts';
import { isFrame, type Frame, type Port } from '../../preload/wire/rpc.ts';
import { createLink, type Connection, type Link } from './link.ts';
import { createSessionToken } from './session-token.ts';

export type { Connection } from './link.ts';

/** The object that preload puts on `window`. */
export interface Bridge {
  post(frame: Frame): void;
  onFrame(listener: (frame: Frame) => void): void;
}

declare global {
  interface Window {
    readonly bridge?: Bridge;
  }
}

function openBridge(bridge: Bridge): Promise<Port> {
  // Main and the window end together, so this port never closes before the page does.
  return Promise.resolve({
    post: (frame) => bridge.post(frame),
    onFrame: (listener) => bridge.onFrame(listener),
    onClose: () => {},
  });
}

/** Whether main refused this tab's token, as after another start of it. Then only the new address helps. */
let isRefused = false;
const refusalListeners = new Set<() => void>();

function setRefused(next: boolean): void {
  if (isRefused === next) return;
  isRefused = next;
  for (const listener of [...refusalListeners]) listener();
}

/** A browser does not tell a page why its WebSocket was refused, but it tells the status of a call. */
async function askWhyRefused(token: string): Promise<void> {
  const answer = await fetch('/rpc/system.info', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: '{}',
  }).catch(() => null);
  setRefused(answer?.status === 401);
  if (isRefused) sessionToken?.ask();
}

function openSocket(): Promise<Port> {
  return new Promise((resolve, reject) => {
    const url = new URL('/rpc', window.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const token = sessionToken?.get() ?? 'none';
    const socket = new WebSocket(url, ['hearth', token]);
    const frameListeners: ((frame: Frame) => void)[] = [];
    const closeListeners: (() => void)[] = [];
    socket.onopen = () => {
      setRefused(false);
      resolve({
        post(frame) {
          if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
        },
        onFrame: (listener) => void frameListeners.push(listener),
        onClose: (listener) => void closeListeners.push(listener),
      });
    };
    socket.onmessage = (message: MessageEvent<unknown>) => {
      if (typeof message.data !== 'string') return;
      const frame = JSON.parse(message.data) as unknown;
      if (isFrame(frame)) for (const listener of frameListeners) listener(frame);
    };
    socket.onclose = () => {
      for (const listener of closeListeners) listener();
      void askWhyRefused(token).then(() => reject(new Error('The socket did not open.')));
    };
  });
}

const bridge = window.bridge;
/** Null in the app's window, which needs none. */
export const sessionToken = bridge
  ? null
  : createSessionToken(
      () => link.connection() === 'connected',
      () => link.retryNow(),
    );
export const link: Link = createLink(bridge ? () => openBridge(bridge) : openSocket);

/** The typed client of all routes of main. */
export const client: HearthClient = link.client;

function subscribeToRefusal(listener: () => void): () => void {
  refusalListeners.add(listener);
  return () => void refusalListeners.delete(listener);
}

/** Whether the tab needs the address that Hearth printed at its last start. It turns out after the connection is lost, by a later attempt. */
export function useNeedsAddress(): boolean {
  return useSyncExternalStore(subscribeToRefusal, () => isRefused);
}

/** The state of the connection to main. A change renders the component again. */
export function useConnection(): Connection {
  return useSyncExternalStore(link.subscribe, link.connection);
}
