/** The one thing the page gets from Electron: frames to main and frames from main. */
import { contextBridge, ipcRenderer } from 'electron';
import type { Frame } from './wire/rpc.ts';

/** The same name in both directions; main/shell/electron/page-port.ts has the other end. */
const CHANNEL = 'hearth:frame';

contextBridge.exposeInMainWorld('bridge', {
  post(frame: Frame): void {
    ipcRenderer.send(CHANNEL, frame);
  },
  onFrame(listener: (frame: Frame) => void): void {
    // The event object stays here: it would hand the page a reply channel.
    ipcRenderer.on(CHANNEL, (_event, frame: Frame) => listener(frame));
  },
});
