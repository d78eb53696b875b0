/**
 * The thread that ends an engine child whose app is gone. The child's main thread may be busy in a driver or a computation for minutes,
 * but this thread still notices the end of the pipe, and any thread can send the signal.
 */
import { Socket } from 'node:net';
import { LIFELINE_FD } from '../base/lifeline.ts';

new Socket({ fd: LIFELINE_FD, readable: true, writable: false })
  .on('error', () => {}) // followed by its close
  .on('close', () => process.kill(process.pid, 'SIGKILL'))
  .resume();
