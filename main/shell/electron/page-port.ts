/** Frames between the window's page and main, over Electron's IPC. */
import type { IpcMainEvent, WebContents } from 'electron';
import { isFrame, type Frame, type Port } from '../../../preload/wire/rpc.ts';
import { isPageAddress, PAGE_ORIGIN } from './page-protocol.ts';

/** The same name in both directions; preload/preload.ts has the other end. */
const CHANNEL = 'hearth:frame';

/** True when a message comes from the document that the window shows at the moment: the main frame, with the page's origin. */
function isFromPage(event: IpcMainEvent, contents: WebContents): boolean {
  try {
    const frame = event.senderFrame;
    if (frame?.origin !== PAGE_ORIGIN) return false;
    // Neither an inner frame nor the previous document, whose last messages may still arrive.
    return frame.processId === contents.mainFrame.processId && frame.frameToken === contents.mainFrame.frameToken;
  } catch {
    return false; // the frame was destroyed meanwhile
  }
}

/**
 * Opens a port for every document that loads in `contents`, and closes it when the document ends by navigation, by a crash or with the
 * window. Messages that do not come from the page, or are not frames of the protocol, are ignored. Returns a function that closes the
 * port for good.
 */
export function servePage(contents: WebContents, onPort: (port: Port) => void): () => void {
  interface Document {
    readonly frame: ((frame: Frame) => void)[];
    readonly close: (() => void)[];
  }
  let current: Document | null = null;

  const end = (): void => {
    const ended = current;
    current = null;
    for (const listener of ended?.close ?? []) listener();
  };
  const begin = (): void => {
    end();
    const own: Document = { frame: [], close: [] };
    current = own;
    onPort({
      post(frame) {
        if (current === own && !contents.isDestroyed()) contents.send(CHANNEL, frame);
      },
      onFrame: (listener) => void own.frame.push(listener),
      onClose: (listener) => void own.close.push(listener),
    });
  };

  // The event of a navigation arrives after all messages of the old document and before those of the new one.
  const onNavigate = (_event: unknown, url: string): void => (isPageAddress(url) ? begin() : end());
  contents.on('did-navigate', onNavigate);
  contents.on('render-process-gone', end);
  contents.on('destroyed', end);
  contents.ipc.on(CHANNEL, (event, frame: unknown) => {
    if (current && isFromPage(event, contents) && isFrame(frame)) for (const listener of current.frame) listener(frame);
  });
  return () => {
    end();
    if (!contents.isDestroyed()) contents.off('did-navigate', onNavigate);
  };
}
