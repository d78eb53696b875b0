/**
 * A process that writes a reply slowly and reports its progress, for a test that kills it: `node write-until-killed.ts
 * DATA_FOLDER`.
 */
import path from 'node:path';
import { createChats } from '../../main/chat/chat.ts';
import { createEngine } from '../../main/engine/engine.ts';
import { createInference, createLocalProvider } from '../../main/inference/inference.ts';
import { createSpawnChild } from '../../main/process/spawn-child.ts';
import { createFiles } from '../../main/store/files.ts';
import { openStore } from '../../main/store/store.ts';
import { endless, LONG_CONTEXT } from './endless.ts';
import { emptyChat } from './empty-chat.ts';

const root = path.join(import.meta.dirname, '../..');
const store = openStore(process.argv[2]!, path.join(root, 'main/store/migrations'));
const engine = createEngine({
  spawnChild: createSpawnChild(process.execPath, path.join(root, 'main/engine/child/child.ts')),
  onChange: () => {},
});
const inference = createInference(
  createLocalProvider({
    engine,
    findModel: (modelId) =>
      Promise.resolve({
        modelId,
        name: 'Stories',
        path: path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf'),
        weightsBytes: 1e6,
        contextSize: LONG_CONTEXT,
      }),
  }),
);
const chats = createChats({
  store,
  files: createFiles({ store, folder: path.join(process.argv[2]!, 'files') }),
  // The real engine on a tiny model writes 2,000 tokens a second; this slows its events to the pace of a large one.
  inference: {
    ...inference,
    async *generate(...args) {
      for await (const event of inference.generate(...args)) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        yield event;
      }
    },
  },
  builtInModelId: 'a/b/c.gguf',
  defaultSampling: () => endless,
  onModelUsed: () => {},
});
const chat = emptyChat(store, null);
let length = 0;
setInterval(() => console.log(JSON.stringify({ length })), 50);
void (async () => {
  for await (const event of chats.watch(chat.id, new AbortController().signal))
    if (event.type === 'append') length = event.offset + event.text.length;
})();
chats.send({ chat: { id: chat.id }, parts: [{ type: 'text', text: 'Once upon a time' }] });
