/**
 * Two thousand random orders of all events around models in memory, over scripted children. Nothing depends on a clock:
 * a step is a number of microtasks from a seeded generator, so a seed gives the same order again. `HEARTH_SEED=n` runs
 * one seed alone.
 */
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import type { Backends, Engine, Lease } from '../../../main/engine/engine.ts';
import type { DeviceReport } from '../../../main/engine/protocol.ts';
import { greedy } from '../../support/engine-host-setup.ts';
import {
  scriptedModel,
  startScripted,
  type ScriptedChild,
  type ScriptedEngine,
} from '../../support/scripted-engine.ts';

const ORDERS = 2000;
const ACTORS = 4;
const ACTS_EACH = 4;
const models = ['a', 'b', 'c'].map((id) => scriptedModel(id, 1e9));
const request = { input: { rawPrompt: 'Once' }, sampling: greedy };

type Draw = (below: number) => number;

/** Mulberry32: small, and the same on every platform. */
function drawFrom(seed: number): Draw {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** The actions and observations of one order. */
interface World {
  readonly draw: Draw;
  readonly scripted: ScriptedEngine;
  /** Models that a user has requested and not released. */
  readonly held: Map<string, number>;
  /** Models whose replies somebody reads. */
  readonly reading: Map<string, number>;
  /** Models that the user is unloading. */
  readonly unloading: Map<string, number>;
  /** Models that the user is unloading unless they are used. */
  readonly unloadingUnused: Map<string, number>;
  /** Models that a window shows. */
  readonly kept: Map<string, number>;
  /** Models are unloaded as soon as nobody uses them, and never for the memory of another one. */
  readonly unloadsIdle: boolean;
  budgetModels: number;
  isClosing: boolean;
  begun: number;
  settled: number;
  readonly faults: string[];
}

const count = (map: Map<string, number>, id: string, by: 1 | -1): void => void map.set(id, (map.get(id) ?? 0) + by);

async function steps(draw: Draw, most: number): Promise<void> {
  for (let left = draw(most); left > 0; left--) await Promise.resolve();
}

/** No layer fits in its memory. */
const madeDevices: DeviceReport = {
  ...{ backend: 'vulkan', gpuNames: ['Made'], totalVramBytes: 0, freeVramBytes: 0, unifiedMemory: false },
  cpuFeatures: [],
};
const madeBackends: Backends = {
  ...{ folder: '', list: () => [], installed: () => ['vulkan'], install: () => ({ jobId: '' }) },
};

function createWorld(seed: number): World {
  const draw = drawFrom(seed);
  const unloadsIdle = draw(4) === 0;
  const hasGpu = draw(2) === 0;
  const world: Omit<World, 'scripted'> & { scripted?: ScriptedEngine } = {
    ...{
      draw,
      held: new Map<string, number>(),
      reading: new Map<string, number>(),
      unloading: new Map<string, number>(),
    },
    ...{ unloadingUnused: new Map<string, number>(), kept: new Map<string, number>(), unloadsIdle },
    ...{ budgetModels: 2, isClosing: false, begun: 0, settled: 0, faults: [] },
  };
  const fault = (what: string): void => void world.faults.push(what);

  function checkLoad(child: ScriptedChild): void {
    const others = world.scripted?.living().filter((one) => one !== child && one.modelPath === child.modelPath) ?? [];
    if (others.length > 0) fault(`two children of ${child.modelPath}`);
  }
  function checkKill({ modelPath, hasFailed, writing, working }: ScriptedChild): void {
    if (modelPath === undefined || hasFailed || world.isClosing || (world.unloading.get(modelPath) ?? 0) > 0) return;
    // A reader that leaves does not wait until the child has stopped.
    if (writing > 0 && (world.reading.get(modelPath) ?? 0) > 0) fault(`${modelPath} was ended while it wrote`);
    if (working > 0) fault(`${modelPath} was ended while it worked for Hearth`);
    const isShown = (world.kept.get(modelPath) ?? 0) > 0 && (world.unloadingUnused.get(modelPath) ?? 0) === 0;
    if (unloadsIdle && isShown) fault(`${modelPath} was ended while a window showed it`);
    if ((world.held.get(modelPath) ?? 0) > 0) fault(`${modelPath} was ended while it was leased`);
  }
  /** Every living child with a model is that model's child in the map. */
  function checkMap(known: readonly { readonly modelId: string; readonly status: string }[]): void {
    for (const { modelPath, hasFailed } of world.scripted?.living() ?? [])
      if (
        modelPath !== undefined &&
        !hasFailed &&
        known.every(({ modelId, status }) => modelId !== modelPath || status === 'failed')
      )
        fault(`a child of ${modelPath} is in no map`);
  }

  world.scripted = startScripted(
    {
      rssBytes: 1.2e9,
      replyEvents: 2,
      pause: () => steps(draw, 12),
      tokensPerSecond: 1000,
      devices: madeDevices,
      loadError: () => (draw(12) === 0 ? new AppError('model.corrupt', 'The script says so.') : null),
      onLoad: checkLoad,
      onKill: checkKill,
    },
    {
      onChange: checkMap,
      limits: () =>
        unloadsIdle
          ? { memoryBudgetBytes: null, idleUnloadMinutes: 0 }
          : { memoryBudgetBytes: world.budgetModels * 1.5e9, idleUnloadMinutes: null },
      // With a GPU a child is asked for its free memory before each load.
      ...(hasGpu && { backends: madeBackends }),
      closeMs: 1,
    },
  );
  return world as World;
}

/** Counts a call from its start to its end. Its error must be one of the contract's. */
async function counted<T>(world: World, work: Promise<T>): Promise<T | undefined> {
  world.begun++;
  try {
    return await work;
  } catch (error) {
    if (!isAppError(error) || error.code === 'internal') world.faults.push(`not a typed error: ${String(error)}`);
    return undefined;
  } finally {
    world.settled++;
  }
}

async function write(world: World, lease: Lease): Promise<void> {
  const abort = new AbortController();
  let ends = 0;
  let isLeft = false;
  const leavesAfter = world.draw(6);
  count(world.reading, lease.modelId, 1);
  using reading = new DisposableStack();
  reading.defer(() => count(world.reading, lease.modelId, -1));
  for await (const event of lease.generate(request, abort.signal)) {
    if (ends > 0) world.faults.push('an event after the end');
    if (event.type === 'end') ends++;
    await steps(world.draw, 4);
    if (leavesAfter === 0) {
      isLeft = true;
      reading.dispose();
      break;
    }
    if (leavesAfter === 1) abort.abort();
  }
  if (!isLeft && ends !== 1) world.faults.push(`a reply with ${ends} ends`);
}

async function use(world: World, engine: Engine): Promise<void> {
  const { draw } = world;
  const model = models[draw(models.length)]!;
  const abort = new AbortController();
  let isHeld = true;
  count(world.held, model.modelId, 1);
  const letGo = (): void => {
    if (isHeld) count(world.held, model.modelId, -1);
    isHeld = false;
  };
  let isWaiting = true;
  const giveUp = async (): Promise<void> => {
    await steps(draw, 20);
    if (isWaiting) letGo();
    abort.abort();
  };
  const patience = draw(5) === 0 ? giveUp() : undefined;
  const order = { signal: abort.signal, retry: true, ifRoom: draw(6) === 0 };
  const lease = await counted(world, engine.open(model, order));
  isWaiting = false;
  if (lease) {
    // An abort at the moment of the open still gives a lease.
    const isLate = !isHeld;
    await steps(draw, 10);
    if (draw(3) > 0 && !isLate) await counted(world, write(world, lease));
    await steps(draw, 10);
  }
  letGo();
  lease?.[Symbol.dispose]();
  await patience;
}

/** Saves a state, as `inference` does: work of Hearth's own, which makes nobody a user of the model. */
async function saveState({ draw }: World, engine: Engine, modelId: string): Promise<void> {
  using lease = await engine.openLoaded(modelId, { ownWork: true });
  await steps(draw, 4);
  await lease.saveState({ chatKey: 'chat', path: 'state' });
}

async function act(world: World): Promise<void> {
  const { draw, scripted } = world;
  const { engine } = scripted;
  const model = models[draw(models.length)]!;
  switch (draw(14)) {
    case 0:
      count(world.unloading, model.modelId, 1);
      await counted(world, engine.unload(model.modelId));
      return count(world.unloading, model.modelId, -1);
    case 1:
      return void (await counted(world, engine.load(model, { retry: true })));
    case 2:
      // A window that shows a model is no user of it.
      count(world.unloadingUnused, model.modelId, 1);
      await counted(world, engine.unloadUnused(model.modelId));
      return count(world.unloadingUnused, model.modelId, -1);
    case 3:
      world.budgetModels = 1 + draw(3);
      return;
    case 4:
      return scripted.living()[draw(3)]?.die();
    case 5:
      return void (await counted(world, engine.calibrate(model.modelId)));
    case 6:
    case 7:
      return await counted(world, saveState(world, engine, model.modelId));
    case 8: {
      count(world.kept, model.modelId, 1);
      const letGo = engine.keep(model.modelId);
      await steps(draw, 40);
      count(world.kept, model.modelId, -1);
      return letGo();
    }
    case 9:
      return void (await counted(world, engine.hardware()));
    default:
      return await use(world, engine);
  }
}

/** In one turn of the event loop all microtasks run, so a call over scripted children needs few; closing waits 1 ms for leases. */
const SETTLING_TURNS = 20_000;

/** Whether `work` settles within the turns above. */
async function settles(work: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  void work.then(() => (isSettled = true));
  for (let turn = 0; turn < SETTLING_TURNS && !isSettled; turn++) await setImmediate();
  return isSettled;
}

async function run(seed: number): Promise<readonly string[]> {
  const world = createWorld(seed);
  const { draw, scripted } = world;
  const actor = async (): Promise<void> => {
    for (let acts = 0; acts < ACTS_EACH; acts++) {
      await steps(draw, 40);
      await act(world);
    }
  };
  const unsettled = (): readonly string[] => [...world.faults, `${world.begun} calls, ${world.settled} settled`];
  const actors = Promise.all(Array.from({ length: ACTORS }, actor));
  // Every other engine is closed in the middle.
  if (draw(2) === 0) await steps(draw, 300);
  else if (!(await settles(actors))) return unsettled();
  world.isClosing = true;
  if (!(await settles(scripted.engine.close()))) return [...world.faults, 'the engine does not close'];
  const survivors = scripted.living().length;
  if (!(await settles(actors))) return unsettled();
  if (survivors > 0 || scripted.living().length > 0) world.faults.push(`${survivors} children outlived the engine`);
  if (scripted.engine.loaded().some(({ status }) => status !== 'failed'))
    world.faults.push('a model is loaded after the end');
  return world.faults;
}

it('keeps every guarantee in any order of concurrent events', async () => {
  const only = process.env['HEARTH_SEED'];
  const seeds = only === undefined ? Array.from({ length: ORDERS }, (_, seed) => seed) : [Number(only)];
  for (const seed of seeds) {
    const faults = await run(seed);
    expect(faults, `with HEARTH_SEED=${seed}`).toEqual([]);
  }
});
