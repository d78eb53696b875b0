/** The server's settings. Each choice is saved at once. */
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ServerSettings, ServerState } from '../../../../preload/contract/server.ts';
import { useCall } from '../../../connection/live.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { ChipsField } from '../../../ui/controls/ChipsField.tsx';
import { NumberField } from '../../../ui/controls/NumberField.tsx';
import { OptionalNumber } from '../../../ui/controls/OptionalNumber.tsx';
import { RadioCards, type RadioCard } from '../../../ui/controls/RadioCards.tsx';
import { Switch } from '../../../ui/controls/Switch.tsx';
import { words } from '../../../words/words.ts';
import { isLocal } from '../server-address.ts';
import { isHostName, isOrigin } from './forms.ts';

/** The contract's limits. */
const MOST = 32;
const EVERYWHERE = '0.0.0.0';
const HERE = '127.0.0.1';

interface SettingsTabProps {
  readonly server: ServerState;
  /** Asks for a first key, and listens on this address once it is made. */
  readonly onNeedsKey: (address: string) => void;
}

export function SettingsTab({ server, onNeedsKey }: SettingsTabProps) {
  const texts = words.server.settings;
  const { settings } = server;
  const update = useCall('server.update');
  const change = (part: Partial<ServerSettings>): void => void update.run(part);
  const listen = (address: string): void => {
    if (!isLocal(address) && server.keys.length === 0) onNeedsKey(address);
    else change({ interface: address });
  };
  return (
    <div className="server-settings">
      {/* A start that failed is told above the tabs, with what mends it. */}
      {update.error && server.error === null ? <ErrorCard error={update.error} compact level={2} /> : null}
      <Group title={texts.groups.start}>
        <Switch
          label={texts.startWithApp}
          hint={texts.startWithAppHint}
          checked={settings.startWithApp}
          onChange={(startWithApp) => change({ startWithApp })}
        />
      </Group>
      <Group title={texts.groups.network}>
        <div className="field">
          <span className="field-label" aria-hidden="true">
            {texts.access}
          </span>
          <RadioCards label={texts.access} value={settings.interface} onChange={listen} options={addressesOf(server)} />
          {isLocal(settings.interface) ? null : (
            <p className="caution">
              <TriangleAlert size={15} aria-hidden="true" />
              <span>{texts.caution}</span>
            </p>
          )}
        </div>
        <div className="server-port">
          <NumberField
            label={texts.port}
            hint={texts.portHint}
            value={settings.port}
            min={1}
            max={65_535}
            onChange={(port) => change({ port })}
          />
        </div>
        <ChipsField
          label={texts.hostNames}
          hint={texts.hostNamesHint}
          placeholder={texts.hostNamePlaceholder}
          values={settings.hostNames}
          max={MOST}
          refuse={(text) => (isHostName(text) ? null : texts.hostNameWrong)}
          onChange={(hostNames) => change({ hostNames })}
        />
        <ChipsField
          label={texts.origins}
          hint={texts.originsHint}
          placeholder={texts.originPlaceholder}
          values={settings.origins}
          max={MOST}
          refuse={(text) => (isOrigin(text) ? null : texts.originWrong)}
          onChange={(origins) => change({ origins })}
        />
        {server.status === 'on' ? <p className="field-hint">{texts.restarts}</p> : null}
      </Group>
      <Group title={texts.groups.models}>
        <div className="server-port">
          <NumberField
            label={texts.slots}
            hint={texts.slotsHint}
            value={settings.slots}
            min={1}
            max={32}
            onChange={(slots) => change({ slots })}
          />
        </div>
        <OptionalNumber
          label={texts.keepAlive}
          hint={texts.keepAliveHint}
          numberLabel={texts.keepAliveNumber}
          unit={words.ui.minutes}
          value={settings.keepAliveMinutes}
          whenOn={30}
          min={0}
          max={10_080}
          onChange={(keepAliveMinutes) => change({ keepAliveMinutes })}
        />
      </Group>
    </div>
  );
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="server-group" aria-label={title}>
      <h2>{title}</h2>
      <div className="card server-card">{children}</div>
    </section>
  );
}

/** This computer, each of its addresses, and all of them. One that was chosen and is gone stays in the list. */
function addressesOf({ settings, interfaces }: ServerState): readonly RadioCard<string>[] {
  const texts = words.server.settings;
  const listed: readonly RadioCard<string>[] = [
    { value: HERE, label: texts.local, detail: texts.localHint, end: HERE },
    ...interfaces.map(({ name, address }) => ({ value: address, label: texts.network(name), end: address })),
    { value: EVERYWHERE, label: texts.all, detail: texts.allHint, end: EVERYWHERE },
  ];
  return listed.some(({ value }) => value === settings.interface)
    ? listed
    : [...listed, { value: settings.interface, label: settings.interface, detail: texts.gone }];
}
