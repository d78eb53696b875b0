import { describe, expect, it } from 'vitest';
import type { Connection } from './pass.ts';
import { progressOf } from './pass-progress.ts';

function connection(start: number, end: number, atBytes: number, pendingBytes = 0, isReceiving = true): Connection {
  const writer = { pendingBytes, add: async () => {}, flush: async () => {} };
  return { segment: { start, end, failures: 0 }, atBytes, isReceiving, writer };
}

describe('the progress of a pass', () => {
  it('counts what is written and what waits to be, and names the segment of each connection', () => {
    const connections = new Set([connection(100, 200, 150, 30), connection(0, 0, 0, 5), connection(200, 300, 190)]);
    const sink = { done: [{ start: 0, end: 120 }], phase: 'receiving' } as const;
    expect(progressOf({ connections }, sink, 1000, false)).toEqual({
      phase: 'receiving',
      doneBytes: 155,
      segments: [
        { startBytes: 100, endBytes: 200, doneBytes: 50 },
        { startBytes: 200, endBytes: 300, doneBytes: 0 },
      ],
      detail: null,
    });
  });

  it('is waiting while no connection receives, except at the very end', () => {
    const sink = { done: [], phase: 'receiving' } as const;
    const idle = connection(0, 100, 0, 0, false);
    const phaseOf = (connections: Connection[], isLast = false): unknown => {
      const { phase, detail } = progressOf({ connections: new Set(connections) }, sink, 1000, isLast);
      return [phase, detail];
    };
    expect(phaseOf([idle])).toEqual(['waiting', { code: 'retrying' }]);
    expect(phaseOf([idle, connection(100, 200, 100)])).toEqual(['receiving', null]);
    expect(phaseOf([])).toEqual(['receiving', null]);
    expect(phaseOf([idle], true)).toEqual(['receiving', null]);
  });

  it('of a file that is compared has all bytes, and says how far it is', () => {
    const sink = { done: [{ start: 0, end: 255 }], phase: 'verifying' } as const;
    const progress = progressOf({ connections: new Set([connection(255, 300, 255)]) }, sink, 1000, false);
    expect(progress).toMatchObject({ phase: 'verifying', doneBytes: 1000, detail: { code: 'comparing', percent: 25 } });
  });
});
