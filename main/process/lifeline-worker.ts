/**
 * The thread that ends an engine child whose app is gone. The child's main thread may be in a driver or a long computation and read
 * no message for minutes; the end of the pipe reaches this thread all the same, and the system takes the signal from any thread.
 */
import { Socket } from 'node:net';
import { LIFELINE_FD } from '../base/lifeline.ts';

new Socket({ fd: LIFELINE_FD, readable: true, writable: false })
  .on('error', () => {}) // followed by its close
  .on('close', () => process.kill(process.pid, 'SIGKILL'))
  .resume();
