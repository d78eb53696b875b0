import type { ChildProcess } from 'node:child_process';
import { isFrame, type Frame, type Port } from '../../preload/wire/rpc.ts';

/** A port over the IPC channel between a process and its child, for either end. Closes with the channel. */
export function ipcPort(end: ChildProcess | NodeJS.Process): Port {
  const emitter = end as NodeJS.EventEmitter;
  return {
    post(frame: Frame) {
      // A channel that closes meanwhile reports through onClose; the callback keeps Node from throwing as well.
      if (end.connected) end.send?.(frame, undefined, {}, () => {});
    },
    onFrame(listener) {
      emitter.on('message', (message: unknown) => {
        if (isFrame(message)) listener(message);
      });
    },
    onClose(listener) {
      // A child that could not be started never had a channel.
      if (end.connected) emitter.once('disconnect', listener);
      else process.nextTick(listener);
    },
  };
}
