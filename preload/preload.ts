/** The bridge, the only part of Electron that the page has: it sends frames to main and receives frames from it. */
import { contextBridge, ipcRenderer } from 'electron';
import type { Frame } from './wire/rpc.ts';

/** The same name in both directions; main/shell/electron/page-port.ts has the other end. */
const CHANNEL = 'hearth:frame';

contextBridge.exposeInMainWorld('bridge', {
  post(frame: Frame): void {
    ipcRenderer.send(CHANNEL, frame);
  },
  onFrame(listener: (frame: Frame) => void): void {
    // The event object is not passed on, because it would give the page a channel for replies.
    ipcRenderer.on(CHANNEL, (_event, frame: Frame) => listener(frame));
  },
});
