/** Whether the server is on, its address, and the act that changes it. */
import { ExternalLink, Power } from 'lucide-react';
import type { ServerState } from '../../../preload/contract/server.ts';
import { useCall } from '../../connection/live.ts';
import { navigate } from '../../navigation/router.ts';
import { askToStopServer } from '../../parts/ask-to-stop-server.ts';
import { ErrorCard, type ErrorAction } from '../../parts/ErrorCard.tsx';
import { Button, LinkButton } from '../../ui/controls/Button.tsx';
import { CopyButton, CopyIconButton } from '../../ui/controls/CopyButton.tsx';
import { words } from '../../words/words.ts';
import { useActivity } from './activity/use-activity.ts';
import { nextPort } from './next-port.ts';
import { originOf } from './server-address.ts';

interface ServerHeadProps {
  readonly server: ServerState;
  /** Asks for a first key, and starts the server once it is made. */
  readonly onNeedsKey: () => void;
}

export function ServerHead({ server, onNeedsKey }: ServerHeadProps) {
  const texts = words.server;
  const { status, settings } = server;
  const start = useCall('server.start');
  const stop = useCall('server.stop');
  const update = useCall('server.update');
  const running = useActivity().value?.load.running.length ?? 0;
  const startWith = async (change: Parameters<typeof update.run>[0]): Promise<void> => {
    if ((await update.run(change)) !== undefined) await start.run({});
  };
  const askAndStop = async (): Promise<void> => {
    if (await askToStopServer(running)) await stop.run({});
  };
  const error = status === 'off' ? (update.error ?? server.error) : (update.error ?? stop.error);
  const origin = originOf(server);
  const isOn = status === 'on';
  return (
    <header className="server-head">
      <div className="server-head-line">
        <h1>{texts.title}</h1>
        <span className={`server-status server-status-${status}`} role="status">
          {texts.status[status]}
        </span>
        {isOn ? (
          <span className="server-address">
            <code className="mono">{origin}</code>
            <CopyIconButton label={texts.copyAddress} text={() => origin} />
            <CopyButton size="sm" label={texts.copyBase} text={() => `${origin}/v1`} />
            <LinkButton
              size="sm"
              variant="ghost"
              icon={ExternalLink}
              external
              href={`${origin}/docs`}
              title={texts.docsHint}
            >
              {texts.docs}
            </LinkButton>
          </span>
        ) : null}
        <span className="server-head-act">
          {isOn || status === 'stopping' ? (
            <Button
              icon={Power}
              aria-label={texts.stopNamed}
              loading={stop.pending || status === 'stopping'}
              onClick={() => void askAndStop()}
            >
              {texts.stop}
            </Button>
          ) : (
            <Button
              // The act that mends a failed start goes first.
              variant={error ? 'secondary' : 'primary'}
              icon={Power}
              loading={start.pending || update.pending || status === 'starting'}
              onClick={() => void start.run({})}
            >
              {texts.start}
            </Button>
          )}
        </span>
      </div>
      {status === 'off' && error === null ? <p className="secondary server-off">{texts.offText}</p> : null}
      {error ? (
        <ErrorCard
          error={error}
          compact
          level={2}
          failed={texts.failed}
          actions={actionsFor(
            String(error.data?.['reason'] ?? ''),
            settings.port,
            (change) => void startWith(change),
            onNeedsKey,
          )}
        />
      ) : null}
    </header>
  );
}

/** The acts that mend a failed start. */
function actionsFor(
  reason: string,
  port: number,
  startWith: (change: { readonly port: number } | { readonly interface: string }) => void,
  onNeedsKey: () => void,
): readonly ErrorAction[] {
  const texts = words.server;
  const onlyLocal: ErrorAction = { label: texts.onlyLocal, run: () => startWith({ interface: '127.0.0.1' }) };
  switch (reason) {
    case 'port_in_use':
    case 'port_denied': {
      const other = nextPort(port);
      return [
        { label: texts.usePort(other), run: () => startWith({ port: other }), primary: true },
        { label: texts.otherPort, run: () => navigate({ screen: 'server', tab: 'settings' }) },
      ];
    }
    case 'no_such_interface':
      return [{ ...onlyLocal, primary: true }];
    case 'needs_key':
      return [{ label: texts.makeKey, run: onNeedsKey, primary: true }, onlyLocal];
    default:
      return [];
  }
}
