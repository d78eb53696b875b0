import { Copy, Power } from 'lucide-react';
import { client } from '../connection/api.ts';
import { attempt } from '../connection/attempt.ts';
import { useCommand } from '../navigation/commands.ts';
import { navigate } from '../navigation/router.ts';
import { askToStopServer } from '../parts/ask-to-stop-server.ts';
import { useServer } from '../parts/watched.ts';
import { copyText } from '../ui/use-copy.ts';
import { toast } from '../ui/layers/toast.ts';
import { words } from '../words/words.ts';

/** The requests that the server answers now; none where it cannot be asked. */
async function runningRequests(): Promise<number> {
  try {
    for await (const { load } of client.stream('server.watchActivity', {})) return load.running.length;
  } catch {
    // The stop itself tells of a lost connection.
  }
  return 0;
}

/** The commands of the API server that work on every screen. */
export function useServerCommands(): void {
  const { value } = useServer();
  const isOn = value?.status === 'on';
  const address = value?.address ?? null;
  const start = async (): Promise<void> => {
    const started = await attempt('server.start', {});
    if (started?.address) toast({ text: words.server.startedAt(started.address), tone: 'green' });
    // The screen says what mends a failed start.
    else navigate({ screen: 'server', tab: 'activity' });
  };
  const stop = async (): Promise<void> => {
    if (await askToStopServer(await runningRequests())) await attempt('server.stop', {});
  };
  useCommand({
    id: 'server.start',
    title: words.palette.startServer,
    group: words.palette.groups.server,
    icon: Power,
    enabled: value?.status === 'off',
    keywords: words.palette.serverKeywords,
    run: () => void start(),
  });
  useCommand({
    id: 'server.stop',
    title: words.palette.stopServer,
    group: words.palette.groups.server,
    icon: Power,
    enabled: isOn,
    keywords: words.palette.serverKeywords,
    run: () => void stop(),
  });
  useCommand({
    id: 'server.copyAddress',
    title: words.palette.copyServerAddress,
    group: words.palette.groups.server,
    icon: Copy,
    enabled: address !== null,
    run: () =>
      void (async () => {
        if (address !== null && (await copyText(`${address}/v1`))) toast({ text: words.ui.copied });
      })(),
  });
}
