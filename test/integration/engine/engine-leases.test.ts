/**
 * The guarantees of a lease, over scripted children: one child per model, nothing in use is evicted, and nothing
 * outlives the engine.
 */
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError, isAppError, type ErrorCode } from '../../../preload/wire/errors.ts';
import { scriptedModel, startScripted, type Script, type ScriptedEngine } from '../../support/scripted-engine.ts';
import type { LoadSettings } from '../../../preload/contract/engine.ts';
import { defaultLoadSettings } from '../../../main/engine/engine.ts';
import type { LoadRecords } from '../../../main/store/load-records.ts';
import { createSpares } from '../../../main/engine/host/processes/spares.ts';
import type { EngineProcess } from '../../../main/engine/host/processes/engine-process.ts';
import { greedy } from '../../support/engine-host-setup.ts';

const [a, b, c] = ['a', 'b', 'c'].map((id) => scriptedModel(id, 1e9)) as [
  ReturnType<typeof scriptedModel>,
  ReturnType<typeof scriptedModel>,
  ReturnType<typeof scriptedModel>,
];
const noRecords: LoadRecords = {
  ...{ settings: () => null, saveSettings: () => {}, calibration: () => null, saveCalibration: () => {} },
  ...{ readBytesPerSecond: () => null, memoryBytesPerSecond: () => null, saveMemoryRate: () => {} },
  ...{ measured: () => null, saveMeasured: () => {} },
};
const request = { input: { rawPrompt: 'Once' }, sampling: greedy };
const never = new AbortController().signal;
const fails = (code: ErrorCode) => (error: unknown) => isAppError(error, code);

let scripted: ScriptedEngine | undefined;
afterEach(async () => {
  await scripted?.engine.close();
  expect(scripted?.living() ?? []).toEqual([]);
  scripted = undefined;
});

/** A point where a script's children wait until the test opens it. */
function gate(): { readonly passed: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}
/** Memory for this many of the models above at once. */
const budget = (models: number, script: Script = {}): ScriptedEngine =>
  startScripted(
    { rssBytes: 1.2e9, ...script },
    { limits: () => ({ memoryBudgetBytes: models * 1.5e9, idleUnloadMinutes: null }) },
  );
const ids = (): string[] => scripted?.engine.loaded().map(({ modelId }) => modelId) ?? [];

describe('opening a model', () => {
  it('shares one load, and counts each user until its end', async () => {
    const { engine, children } = (scripted = startScripted());
    {
      using first = await engine.open(a);
      using second = await engine.open(a);
      expect([first.state().leases, second.state().leases]).toEqual([2, 2]);
    }
    expect(engine.loaded()).toMatchObject([{ modelId: 'a', status: 'ready', leases: 0 }]);
    expect(children.length).toBe(1);
  });

  it('starts one child when two loads meet a model that is ending', async () => {
    const ended = gate();
    scripted = startScripted({ pause: async (step) => (step === 'end' ? await ended.passed : undefined) });
    const { engine, children, living } = scripted;
    await engine.load(a);
    const unload = engine.unload('a');
    const both = [engine.open(a), engine.load(a)] as const;
    await setImmediate();
    expect(children.length).toBe(1);
    ended.open();
    await unload;
    const [lease] = await Promise.all(both);
    expect(children.length).toBe(2);
    expect(living().length).toBe(1);
    lease[Symbol.dispose]();
    await engine.close();
    expect(living()).toEqual([]);
  });

  it('ends the wait of an aborted caller, and continues for the others', async () => {
    const loaded = gate();
    scripted = startScripted({ pause: async (step) => (step === 'load' ? await loaded.passed : undefined) });
    const { engine } = scripted;
    const abort = new AbortController();
    const left = expect(engine.open(a, { signal: abort.signal })).rejects.toSatisfy(fails('cancelled'));
    const stayed = engine.open(a);
    expect(engine.loaded()).toMatchObject([{ leases: 2 }]);
    abort.abort();
    await left;
    expect(engine.loaded()).toMatchObject([{ status: 'loading', leases: 1 }]);
    loaded.open();
    using lease = await stayed;
    expect(lease.state()).toMatchObject({ status: 'ready', leases: 1 });
  });

  it('evicts when a caller that may evict joins a load that may not', async () => {
    const loaded = gate();
    scripted = budget(1, { pause: async (step) => (step === 'load' ? await loaded.passed : undefined) });
    const { engine } = scripted;
    const first = engine.load(a);
    const modest = engine.load(b, { ifRoom: true });
    const demanding = engine.open(b);
    loaded.open();
    await Promise.all([first, modest]);
    using lease = await demanding;
    expect(lease.state().status).toBe('ready');
    expect(ids()).toEqual(['b']);
  });
});

describe('the sequences that programs wish for', () => {
  const sequences = (): readonly number[] => scripted?.engine.loaded().map((model) => model.sequences) ?? [];

  it('are given to a model that is loaded, and to an idle one by another load, once', async () => {
    const { engine, children } = (scripted = startScripted());
    (await engine.open(a, { sequences: 4 }))[Symbol.dispose]();
    expect(sequences()).toEqual([4]);
    (await engine.open(a))[Symbol.dispose]();
    (await engine.open(a, { sequences: 2 }))[Symbol.dispose]();
    expect([sequences(), children.length]).toEqual([[4], 1]);
    await engine.unload('a');
    await engine.load(a);
    expect(sequences()).toEqual([1]);
    const both = await Promise.all([engine.open(a, { sequences: 3 }), engine.open(a, { sequences: 3 })]);
    expect([sequences(), children.length]).toEqual([[3], 3]);
    for (const lease of both) lease[Symbol.dispose]();
  });

  it('end no model that is in use, shown in a window, or being loaded', async () => {
    const loaded = gate();
    let isHeld = true;
    const pause = async (step: string): Promise<void> => {
      if (step === 'load' && isHeld) await loaded.passed;
    };
    const { engine, children } = (scripted = startScripted({ pause }));
    const loading = engine.open(a);
    // Its plan is made by now.
    while (children.length === 0) await setImmediate();
    const joined = engine.open(a, { sequences: 4 });
    loaded.open();
    isHeld = false;
    const leases = await Promise.all([loading, joined]);
    expect(sequences()).toEqual([1]);
    const show = engine.keep('a');
    for (const lease of leases) lease[Symbol.dispose]();
    {
      using used = await engine.open(a, { sequences: 5 });
      using other = await engine.open(a, { sequences: 6 });
      expect([used.state().sequences, other.state().sequences]).toEqual([1, 1]);
    }
    show();
    (await engine.open(a, { sequences: 5 }))[Symbol.dispose]();
    expect([sequences(), children.length]).toEqual([[5], 2]);
  });

  it('are fewer where memory lacks, and are then not tried again; a stored number comes first', async () => {
    const settings: LoadSettings = { ...defaultLoadSettings, sequences: 2 };
    let stored: LoadSettings | null = null;
    const records = { ...noRecords, settings: () => stored };
    const memory = { totalRamBytes: 8e9, freeRamBytes: 1.6e9 };
    scripted = startScripted({ tokensPerSecond: 100 }, { records, freeMemory: () => memory });
    const { engine, children } = scripted;
    await engine.load(a);
    (await engine.open(a, { sequences: 32 }))[Symbol.dispose]();
    const given = sequences()[0] ?? 0;
    expect(given).toBeLessThan(32);
    const loads = children.length;
    (await engine.open(a, { sequences: 32 }))[Symbol.dispose]();
    expect(children.length).toBe(loads);
    stored = settings;
    await engine.unload('a');
    (await engine.open(a, { sequences: 8 }))[Symbol.dispose]();
    (await engine.open(a, { sequences: 8 }))[Symbol.dispose]();
    expect([sequences(), children.length]).toEqual([[2], loads + 1]);
  });

  it('are left out where the load fails with them', async () => {
    const tried: string[] = [];
    const loadError = (path: string): AppError | null => {
      tried.push(path);
      return tried.length === 1 ? new AppError('engine.out_of_memory', 'No memory.') : null;
    };
    const { engine } = (scripted = startScripted({ loadError }));
    using lease = await engine.open(a, { sequences: 4 });
    expect(lease.state()).toMatchObject({ sequences: 1, notes: [] });
    expect(tried.length).toBe(2);
  });
});

describe('a draft model', () => {
  it('counts in the estimate, and evicts an idle model', async () => {
    const settings: LoadSettings = { ...defaultLoadSettings, speculation: { kind: 'draft', modelId: 'draft' } };
    scripted = startScripted(
      { rssBytes: 1e9 },
      {
        limits: () => ({ memoryBudgetBytes: 2.6e9, idleUnloadMinutes: null }),
        findAuxiliaryFile: async () => ({ path: 'draft', sizeBytes: 5e9, summary: null }),
        records: {
          settings: (modelId) => (modelId === 'b' ? settings : null),
          saveSettings: () => {},
          calibration: () => null,
          saveCalibration: () => {},
          readBytesPerSecond: () => null,
          memoryBytesPerSecond: () => null,
          saveMemoryRate: () => {},
          measured: () => null,
          saveMeasured: () => {},
        },
      },
    );
    const { engine } = scripted;
    const small = scriptedModel('b', 3e7);
    expect((await engine.estimate(small, defaultLoadSettings)).verdict).toBe('fits');
    expect((await engine.estimate(small, settings)).verdict).not.toBe('fits');
    await engine.load(scriptedModel('a', 3e7));
    await engine.load(small).catch(() => {}); // a scripted child measures nothing
    expect(ids()).not.toContain('a');
  });
});

describe('a load that fails', () => {
  it('counts as a failed start only when the child failed', async () => {
    let isBroken = false;
    scripted = budget(1, {
      loadError: () => (isBroken ? new AppError('model.corrupt', 'The script says so.') : null),
    });
    const { engine, children } = scripted;
    {
      using _lease = await engine.open(a);
      for (let times = 0; times < 4; times++) {
        await expect(engine.open(b)).rejects.toSatisfy(fails('busy'));
        await expect(engine.open(c, { ifRoom: true })).rejects.toSatisfy(fails('engine.out_of_memory'));
      }
    }
    for (const model of [b, c]) expect(await engine.load(model)).toMatchObject({ status: 'ready', leases: 0 });
    await engine.unload('c');
    isBroken = true;
    const before = children.length;
    for (let times = 0; times < 5; times++) await expect(engine.open(b)).rejects.toSatisfy(fails('model.corrupt'));
    expect(children.length).toBe(before + 3);
  });

  it('leaves no entry when it may evict nothing and finds no memory', async () => {
    const { engine } = (scripted = budget(1));
    await engine.load(a);
    await expect(engine.load(b, { ifRoom: true })).rejects.toSatisfy(fails('engine.out_of_memory'));
    expect(ids()).toEqual(['a']);
  });

  it('leaves no child, whatever failed after its load', async () => {
    let hasLoaded = false;
    scripted = startScripted(
      { onLoad: () => (hasLoaded = true) },
      {
        limits() {
          const throws = hasLoaded;
          hasLoaded = false;
          if (throws) throw new Error('The settings cannot be read.');
          return { memoryBudgetBytes: null, idleUnloadMinutes: null };
        },
      },
    );
    const { engine, living } = scripted;
    await expect(engine.load(a)).rejects.toSatisfy(fails('internal'));
    expect(living()).toEqual([]);
    expect(engine.loaded()).toMatchObject([{ status: 'failed', leases: 0 }]);
  });

  it('does not depend on its listeners', async () => {
    scripted = startScripted(
      {},
      {
        onChange() {
          throw new Error('A listener of this test throws.');
        },
      },
    );
    const { engine } = scripted;
    expect(await engine.load(a)).toMatchObject({ status: 'ready', leases: 0 });
    expect(engine.loaded()).toMatchObject([{ modelId: 'a', status: 'ready' }]);
  });
});

describe('a load that is canceled', () => {
  const held = (): { readonly open: () => void } => {
    const loaded = gate();
    scripted = startScripted({ pause: async (step) => (step === 'load' ? await loaded.passed : undefined) });
    return loaded;
  };

  it('neither waits for the load in front of it nor takes a place in the queue', async () => {
    const loaded = held();
    const { engine, children } = scripted!;
    const first = engine.open(a);
    const second = expect(engine.open(b)).rejects.toSatisfy(fails('cancelled'));
    const third = engine.open(c);
    await engine.unload('b');
    await second;
    expect(engine.loaded()).toMatchObject([
      { modelId: 'a', status: 'loading' },
      { modelId: 'c', status: 'loading' },
    ]);
    loaded.open();
    for (const lease of await Promise.all([first, third])) lease[Symbol.dispose]();
    expect(children.map(({ modelPath }) => modelPath)).toEqual(['a', 'c']);
  });

  it('can be requested again at once', async () => {
    const loaded = held();
    const { engine, children } = scripted!;
    const first = engine.load(a);
    const second = expect(engine.open(b)).rejects.toSatisfy(fails('cancelled'));
    await engine.unload('b');
    const again = engine.load(b);
    loaded.open();
    await Promise.all([first, second, again]);
    expect(children.map(({ modelPath }) => modelPath)).toEqual(['a', 'b']);
  });

  it('ends with the engine, whatever it waits for', async () => {
    const ended = gate();
    scripted = startScripted({
      pause: async (step) => (step === 'text' ? undefined : await ended.passed),
    });
    const { engine } = scripted;
    const first = expect(engine.open(a)).rejects.toSatisfy(fails('cancelled'));
    const second = expect(engine.open(b)).rejects.toSatisfy(fails('cancelled'));
    await setImmediate();
    const closed = engine.close();
    await second;
    expect(ids()).toEqual(['a']);
    ended.open();
    await Promise.all([first, closed]);
  });

  it('does not start for a signal that has fired', async () => {
    const { engine, children } = (scripted = budget(1));
    await engine.load(a);
    await expect(engine.open(b, { signal: AbortSignal.abort() })).rejects.toSatisfy(fails('cancelled'));
    expect(ids()).toEqual(['a']);
    expect(children.length).toBe(1);
  });
});

describe('a lease that was disposed', () => {
  it('has no verbs', async () => {
    const { engine } = (scripted = startScripted());
    const lease = await engine.open(a);
    lease[Symbol.dispose]();
    await expect(lease.embed({ texts: ['x'] })).rejects.toSatisfy(fails('engine.not_loaded'));
    await expect(lease.generate(request, never).next()).rejects.toSatisfy(fails('engine.not_loaded'));
    expect(lease.state()).toMatchObject({ status: 'ready', leases: 0 });
  });
});

describe('a model in use', () => {
  it('is not evicted between its load and its first token', async () => {
    const { engine } = (scripted = budget(1));
    using lease = await engine.open(a);
    await expect(engine.load(b)).rejects.toSatisfy(fails('busy'));
    await expect(engine.load(c, { ifRoom: true })).rejects.toSatisfy(fails('engine.out_of_memory'));
    const events = [];
    for await (const event of lease.generate(request, never)) events.push(event.type);
    expect(events.at(-1)).toBe('end');
  });

  it('stays when it is requested during the eviction for another one', async () => {
    const ended = gate();
    scripted = budget(2, { pause: async (step) => (step === 'end' ? await ended.passed : undefined) });
    const { engine } = scripted;
    await engine.load(a);
    await engine.load(b);
    // The large model needs the memory of both; while the first one is evicted, the second one is requested.
    const large = expect(engine.load(scriptedModel('large', 2.5e9))).rejects.toSatisfy(fails('busy'));
    while (scripted.children.every(({ isEnding }) => !isEnding)) await setImmediate();
    using lease = await engine.open(b);
    const reply = lease.generate(request, never);
    await reply.next();
    ended.open();
    await large;
    for await (const _ of reply);
    expect(ids()).toContain('b');
  });

  it('is waited for while it works for Hearth itself, which is no lease', async () => {
    scripted = budget(1);
    const { engine } = scripted;
    await engine.load(a);
    const saving = await engine.openLoaded('a', { ownWork: true });
    expect(engine.loaded()).toMatchObject([{ leases: 0, status: 'ready' }]);
    const opened = engine.open(b);
    await setImmediate();
    expect(ids()).toEqual(['a', 'b']);
    expect(scripted.living().length).toBe(1);
    await saving.saveState({ chatKey: 'chat', path: 'state' });
    saving[Symbol.dispose]();
    using lease = await opened;
    expect(lease.state().status).toBe('ready');
    expect(ids()).toEqual(['b']);
  });

  it('is not ended by a load that is canceled while it waits for such work', async () => {
    const { engine } = (scripted = budget(1));
    await engine.load(a);
    using saving = await engine.openLoaded('a', { ownWork: true });
    const opened = expect(engine.open(b)).rejects.toSatisfy(fails('cancelled'));
    await setImmediate();
    await engine.unload('b');
    await opened;
    expect(await saving.saveState({ chatKey: 'chat', path: 'state' })).toBeNull();
    expect(ids()).toEqual(['a']);
  });

  it('frees its memory when the user unloads it during such work', async () => {
    const ended = gate();
    scripted = budget(1, { pause: async (step) => (step === 'end' ? await ended.passed : undefined) });
    const { engine } = scripted;
    await engine.load(a);
    using saving = await engine.openLoaded('a', { ownWork: true });
    const opened = engine.open(b);
    await setImmediate();
    const unload = engine.unload('a');
    await setImmediate();
    ended.open();
    await unload;
    using lease = await opened;
    expect(lease.state().status).toBe('ready');
    await expect(saving.embed({ texts: ['x'] })).rejects.toSatisfy(fails('engine.crashed'));
  });

  it('is deleted after such work', async () => {
    const { engine } = (scripted = startScripted());
    await engine.load(a);
    const saving = await engine.openLoaded('a', { ownWork: true });
    const deleted = engine.unloadUnused('a');
    await saving.saveState({ chatKey: 'chat', path: 'state' });
    saving[Symbol.dispose]();
    await deleted;
    expect(ids()).toEqual([]);
  });

  it('is not reported as writing while it is calibrated', async () => {
    const told = new Set<string>();
    const { engine } = (scripted = startScripted(
      {},
      { onChange: (loaded) => loaded.forEach(({ status }) => told.add(status)) },
    ));
    await engine.load(a);
    await expect(engine.calibrate('a')).rejects.toSatisfy(fails('unsupported'));
    expect([...told]).toEqual(['loading', 'ready']);
  });

  it('is not unloaded for idleness or a deletion, but always by the user', async () => {
    let now = 0;
    scripted = startScripted(
      { replyEvents: 1e9 },
      { now: () => now, sweepMs: 1, limits: () => ({ memoryBudgetBytes: null, idleUnloadMinutes: 1 }) },
    );
    const { engine } = scripted;
    using lease = await engine.open(a);
    now += 3_600_000;
    await expect(engine.unloadUnused('a')).rejects.toSatisfy(fails('busy'));
    using other = await engine.open(b);
    expect(engine.loaded().map(({ unloadsAt }) => unloadsAt)).toEqual([null, null]);
    const reply = lease.generate(request, never);
    await reply.next();
    await engine.unload('a');
    await expect(
      (async () => {
        for await (const _ of reply);
      })(),
    ).rejects.toMatchObject({ code: 'engine.crashed', data: { reason: 'unloaded' } });
    await expect(lease.tokenize({ text: 'x', special: false })).rejects.toSatisfy(fails('engine.crashed'));
    expect(ids()).toEqual(['b']);
    expect(other.state().leases).toBe(1);
  });
});

describe('a reply that is stopped', () => {
  it('never begins when it is stopped while its threads are tuned', async () => {
    const tuned = gate();
    scripted = startScripted({
      ...{ decodeThreads: 10_000, replyEvents: 1e9 },
      pause: async (step) => (step === 'tuning' ? await tuned.passed : undefined),
    });
    using lease = await scripted.engine.open(a);
    const abort = new AbortController();
    const first = lease.generate(request, abort.signal).next();
    await setImmediate();
    abort.abort();
    tuned.open();
    await expect(first).rejects.toSatisfy(fails('cancelled'));
    expect(scripted.children[0]?.writing).toBe(0);
    expect(lease.state().status).toBe('ready');
  });

  it('ends whatever the tick of the stop', async () => {
    scripted = startScripted({ decodeThreads: 10_000, replyEvents: 1000 });
    for (let ticks = 0; ticks < 40; ticks++) {
      using lease = await scripted.engine.open(scriptedModel(`model ${ticks}`));
      const abort = new AbortController();
      const reply = lease.generate(request, abort.signal);
      const first = reply.next();
      for (let left = ticks; left > 0; left--) await Promise.resolve();
      abort.abort();
      let events = 0;
      try {
        for (let next = await first; next.done !== true; next = await reply.next()) events++;
      } catch (error) {
        expect(error).toSatisfy(fails('cancelled'));
      }
      expect(events).toBeLessThan(100);
    }
  });
});

describe('closing the engine', () => {
  it('ends the children that are asked for their devices', async () => {
    const answered = gate();
    const { engine, living } = (scripted = startScripted(
      { pause: async (step) => (step === 'devices' ? await answered.passed : undefined) },
      { backends: { folder: '', list: () => [], installed: () => ['vulkan', 'cuda'], install: () => ({ jobId: '' }) } },
    ));
    const asked = engine.hardware();
    await setImmediate();
    expect(living().length).toBe(1);
    await engine.close();
    expect(living()).toEqual([]);
    expect((await asked).devices).toMatchObject([{ kind: 'cpu' }]);
    await engine.hardware();
    expect(living()).toEqual([]);
  });

  it('waits for the end of a spare child that another one has replaced', async () => {
    const ended = gate();
    const kill = (backend: string): Promise<void> => (backend === 'cpu' ? ended.passed : Promise.resolve());
    const { close, prepare } = createSpares(
      (backend) => ({ kill: () => kill(backend) }) as unknown as EngineProcess,
      true,
    );
    prepare('cpu');
    prepare('vulkan');
    let isClosed = false;
    const closed = close().then(() => (isClosed = true));
    await setImmediate();
    expect(isClosed).toBe(false);
    ended.open();
    await closed;
  });

  it('waits for leases, and cancels loads', async () => {
    const loaded = gate();
    const script: Script = { pause: async (step) => (step === 'load' ? await loaded.passed : undefined) };
    scripted = startScripted(script, { closeMs: 60_000 });
    const { engine, living } = scripted;
    loaded.open();
    const lease = await engine.open(a);
    let isClosed = false;
    const closed = engine.close().then(() => (isClosed = true));
    await setImmediate();
    expect(isClosed).toBe(false);
    await expect(engine.open(b)).rejects.toSatisfy(fails('cancelled'));
    const events = [];
    for await (const event of lease.generate(request, never)) events.push(event.type);
    expect(events.at(-1)).toBe('end');
    lease[Symbol.dispose]();
    await closed;
    expect(living()).toEqual([]);
  });

  it('does not wait for longer than its limit', async () => {
    const { engine, living } = (scripted = startScripted({}, { closeMs: 1 }));
    using lease = await engine.open(a);
    await engine.close();
    expect(living()).toEqual([]);
    await expect(lease.embed({ texts: ['x'] })).rejects.toSatisfy(fails('engine.crashed'));
  });
});

describe('an engine that closes', () => {
  it('takes no new load and no new lease while it waits for those there are', async () => {
    // A lease that it wrongly gives would be waited for at the end of the test.
    scripted = startScripted({}, { closeMs: 3000 });
    const { engine, children } = scripted;
    const lease = await engine.open(a);
    const closes = engine.close();
    await expect(engine.load(b)).rejects.toSatisfy(fails('cancelled'));
    await expect(engine.open(a)).rejects.toSatisfy(fails('cancelled'));
    await expect(engine.openLoaded('a')).rejects.toSatisfy(fails('cancelled'));
    expect(children.length).toBe(1);
    lease[Symbol.dispose]();
    await closes;
  });
});
