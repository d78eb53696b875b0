import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { AppError } from '../../../../preload/wire/errors.ts';
import type { Pulse } from '../../protocol.ts';
import { defaultWatchdog, superviseChild, type EngineProcess } from './engine-process.ts';

/** A child that answers each ping with the next of these pulses, and later ones with the last. */
function childWith(pulses: readonly Partial<Pulse>[]): EngineProcess {
  const all = pulses.map((one) => ({ activeSequences: 1, queued: 0, idleMs: null, samplingMs: null, ...one }));
  const script = `const pulses = ${JSON.stringify(all)};
    process.on('message', ({ id }) => process.send({ t: 'ok', id, output: pulses.length > 1 ? pulses.shift() : pulses[0] }));`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  return superviseChild(child, { ...defaultWatchdog, everyMs: 5, unanswered: 1e6, startMs: 1e9 });
}
const endOf = async (child: EngineProcess): Promise<Pick<AppError, 'code' | 'data'>> => {
  const { code, data } = await child.ended;
  return { code, data };
};

describe('the watchdog of an engine child', () => {
  it('ends it when a grammar has chosen one token for more than half a minute, and says so', async () => {
    const pulses = [1, 29_000, 30_000, 30_001].map((grammarMs) => ({ grammarMs }));
    expect(await endOf(childWith(pulses))).toEqual({
      code: 'engine.crashed',
      data: { reason: 'grammar_hang', grammarMs: 30_001 },
    });
  });

  it('ends it when a batch takes longer than a quarter of an hour', async () => {
    expect(await endOf(childWith([30_001, 900_000, 900_001].map((idleMs) => ({ idleMs }))))).toEqual({
      code: 'engine.crashed',
      data: { reason: 'hang', idleMs: 900_001 },
    });
  });

  it('ends it when a token without a grammar is chosen for as long, and not before', async () => {
    expect(await endOf(childWith([30_001, 900_000, 900_001].map((samplingMs) => ({ samplingMs }))))).toEqual({
      code: 'engine.crashed',
      data: { reason: 'hang', idleMs: 900_001 },
    });
  });

  it('ends it after the time that was measured for a batch of its model', async () => {
    const child = childWith([{ idleMs: 120_000 }, { idleMs: 120_000.6 }]);
    child.expectBatch(120_000);
    expect(await endOf(child)).toEqual({ code: 'engine.crashed', data: { reason: 'hang', idleMs: 120_001 } });
  });
});
