/**
 * A process that writes a reply slowly and reports its progress, for a test that kills it: `node write-until-killed.ts
 * DATA_FOLDER`. With `compare` it writes two replies to the same message at once, and reports the shorter one.
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
const isComparing = process.argv[3] === 'compare';
const question = { type: 'text', text: 'Once upon a time' } as const;
const lengths = new Map<string, number>();
setInterval(() => {
  const length = lengths.size < (isComparing ? 2 : 1) ? 0 : Math.min(...lengths.values());
  console.log(JSON.stringify({ length }));
}, 50);
function follow(chatId: string): void {
  void (async () => {
    for await (const event of chats.watch(chatId, new AbortController().signal))
      if (event.type === 'append') lengths.set(event.messageId, event.offset + event.text.length);
  })();
}
if (isComparing) {
  const fresh = { modelId: null, systemPrompt: '', sampling: null, contextPolicy: null };
  const { chatId } = chats.import(fresh, [{ role: 'user', text: question.text }]);
  follow(chatId);
  const writer = { modelId: 'a/b/c.gguf', sampling: null };
  const asked = store.prepare('SELECT id FROM messages').get() as { id: string };
  chats.compare(asked.id, [writer, writer]);
} else {
  const chat = emptyChat(store, null);
  follow(chat.id);
  chats.send({ chat: { id: chat.id }, parts: [question] });
}
