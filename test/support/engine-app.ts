/**
 * A process with an engine, for tests that kill it: idle with a spare child, during a load, during a reply, or hanging.
 */
import path from 'node:path';
import { createEngine } from '../../main/engine/engine.ts';
import { createSpawnChild } from '../../main/process/spawn-child.ts';
import { endless } from './endless.ts';
import { childPath, reply, root, stories } from './engine-host-setup.ts';

const state = process.argv[2];
const spawnChild = createSpawnChild(process.execPath, childPath);
/** The child's main thread runs for ever from this signal on, as in a library that does not return. */
const hangs = "--import=data:text/javascript,process.on('SIGUSR2',()=>{for(;;);})";
const children: number[] = [];
const engine = createEngine({
  spawnChild(variables) {
    const child = spawnChild(state === 'hanging' ? { ...variables, NODE_OPTIONS: hangs } : variables);
    if (child.pid !== undefined) children.push(child.pid);
    return child;
  },
  onChange(loaded) {
    if (state === 'loading' && loaded[0]?.status === 'loading' && loaded[0].progress > 0) console.log('loading');
  },
  spare: state === 'idle',
});
const model = { ...stories, path: path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf') };
await engine.load(model);
if (state === 'idle') setInterval(() => console.log('idle'), 100);
if (state === 'hanging') {
  for (const pid of children) process.kill(pid, 'SIGUSR2');
  let answered = true;
  while (answered) {
    const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 1500));
    answered = await Promise.race([engine.memoryBytes().then(() => true), late]);
  }
  console.log('hanging');
}
for (;;) {
  const request = { input: { rawPrompt: 'Once' }, sampling: endless };
  if (state === 'idle') await new Promise((resolve) => setTimeout(resolve, 1000));
  else for await (const event of reply(engine, model, request)) if (event.type === 'text') console.log('writing');
}
