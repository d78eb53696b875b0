/** A process that imports many chats into a data folder, and says when it is in the middle. Its test kills it. */
import { setUpExchange } from './exchange-setup.ts';

const folder = process.argv[2] ?? '';
async function open(): Promise<ReturnType<typeof setUpExchange>> {
  for (;;)
    try {
      return setUpExchange(folder);
    } catch {
      // The test still holds the folder.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

const setup = await open();
const lines = Array.from({ length: 20_000 }, (_, index) =>
  JSON.stringify({ messages: [{ role: 'user', content: `pangolin ${index}` }] }),
);
const preview = await setup.look(lines.join('\n'));
for await (const event of setup.exchange.import(preview.importId, false, new AbortController().signal))
  if (event.type === 'progress' && event.doneChats > 50) console.log('in the middle');
