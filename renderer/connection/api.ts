/** The page's connection to main: the preload bridge in the app's window, a WebSocket in a browser tab. */
import { useSyncExternalStore } from 'react';
import type { HearthClient } from '../../preload/contract/contract.ts';
import { isFrame, type Frame, type Port } from '../../preload/wire/rpc.ts';
import { createLink, type Connection, type Link } from './link.ts';

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

/**
 * The shell sets an HttpOnly cookie before it serves the page, and the browser sends the cookie with the upgrade
 * request.
 */
function openSocket(): Promise<Port> {
  return new Promise((resolve, reject) => {
    const url = new URL('/rpc', window.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    const frameListeners: ((frame: Frame) => void)[] = [];
    const closeListeners: (() => void)[] = [];
    socket.onopen = () =>
      resolve({
        post(frame) {
          if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
        },
        onFrame: (listener) => void frameListeners.push(listener),
        onClose: (listener) => void closeListeners.push(listener),
      });
    socket.onmessage = (message: MessageEvent<unknown>) => {
      if (typeof message.data !== 'string') return;
      const frame = JSON.parse(message.data) as unknown;
      if (isFrame(frame)) for (const listener of frameListeners) listener(frame);
    };
    socket.onclose = () => {
      reject(new Error('The socket did not open.'));
      for (const listener of closeListeners) listener();
    };
  });
}

const bridge = window.bridge;
export const link: Link = createLink(bridge ? () => openBridge(bridge) : openSocket);

/** The typed client of all routes of main. */
export const client: HearthClient = link.client;

/** The state of the connection to main. A change renders the component again. */
export function useConnection(): Connection {
  return useSyncExternalStore(link.subscribe, link.connection);
}
