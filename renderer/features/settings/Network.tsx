/** The connection to the Hub: mirror, proxy, certificates. Values from environment variables are read-only. */
import { useState, type FormEvent } from 'react';
import type { NetworkSettings, Settings } from '../../../preload/contract/settings.ts';
import { useCall } from '../../connection/live.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { TextArea } from '../../ui/controls/TextArea.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { toast } from '../../ui/layers/toast.ts';
import { FixedBy } from './FixedBy.tsx';
import { readAddress } from './network-form.ts';
import { words } from '../../words/words.ts';

export function Network({ settings }: { settings: Settings }) {
  const { network } = settings;
  return (
    <div className="card settings-card settings-network">
      <Address
        key={`endpoint ${network.hubEndpoint ?? ''}`}
        name="hubEndpoint"
        label={words.settings.network.mirror}
        hint={words.settings.network.mirrorHint}
        placeholder="https://hub.example.org"
        network={network}
      />
      <Address
        key={`proxy ${network.proxy ?? ''}`}
        name="proxy"
        label={words.settings.network.proxy}
        hint={words.settings.network.proxyHint}
        placeholder="http://user:password@proxy.example.org:3128"
        network={network}
      />
      <Certificates network={network} />
    </div>
  );
}

interface AddressProps {
  readonly name: 'hubEndpoint' | 'proxy';
  readonly label: string;
  readonly hint: string;
  readonly placeholder: string;
  readonly network: Settings['network'];
}

function Address({ name, label, hint, placeholder, network }: AddressProps) {
  const kept = network[name] ?? '';
  const fixedBy = network.fixedBy[name];
  const update = useCall('settings.update');
  const [text, setText] = useState(kept);
  const [problem, setProblem] = useState<string | null>(null);
  const changed = text.trim() !== kept;

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const read = readAddress(text);
    setProblem(read.problem);
    if (read.problem !== null || !changed) return;
    const done = await update.run({ network: { [name]: read.address } as Partial<NetworkSettings> });
    if (done)
      toast({
        text: read.address === null ? words.settings.network.cleared(label) : words.settings.network.saved(label),
      });
  };
  if (fixedBy !== undefined) {
    return (
      <div className="stack">
        <TextField label={label} value={kept} onChange={() => {}} readOnly />
        <FixedBy sentence={words.settings.fixedBy(fixedBy)} />
      </div>
    );
  }
  return (
    <form className="settings-address" onSubmit={(event) => void submit(event)} noValidate>
      <div className="settings-token">
        <TextField
          label={label}
          hint={hint}
          placeholder={placeholder}
          type="url"
          autoComplete="off"
          spellCheck={false}
          maxLength={300}
          value={text}
          onChange={(value) => {
            setText(value);
            setProblem(null);
          }}
          {...(problem === null ? {} : { error: problem })}
        />
        <Button
          type="submit"
          aria-label={words.settings.network.saveNamed[name]}
          disabled={!changed}
          loading={update.pending}
        >
          {words.ui.save}
        </Button>
      </div>
      {update.error ? <ErrorCard error={update.error} compact /> : null}
    </form>
  );
}

function Certificates({ network }: { network: Settings['network'] }) {
  const update = useCall('settings.update');
  const [text, setText] = useState<string | null>(null);
  const fixedBy = network.fixedBy.certificates;
  const save = async (certificates: string | null): Promise<void> => {
    const done = await update.run({ network: { certificates } });
    if (!done) return;
    setText(null);
    toast({
      text:
        certificates === null ? words.settings.network.certificatesForgotten : words.settings.network.certificatesSaved,
    });
  };
  return (
    <div className="stack" role="group" aria-label={words.settings.network.certificates}>
      <div className="settings-certificates">
        <div>
          <h3>{words.settings.network.certificates}</h3>
          <p className="secondary">
            {network.certificates === null
              ? words.settings.network.certificatesSystem
              : words.settings.network.certificatesInUse(network.certificates)}
          </p>
        </div>
        {fixedBy === undefined && text === null ? (
          <div className="row">
            <Button size="sm" onClick={() => setText('')}>
              {network.certificates === null
                ? words.settings.network.addCertificates
                : words.settings.network.replaceCertificates}
            </Button>
            {network.certificates === null ? null : (
              <Button size="sm" variant="ghost" loading={update.pending} onClick={() => void save(null)}>
                {words.settings.network.forgetCertificates}
              </Button>
            )}
          </div>
        ) : null}
      </div>
      {fixedBy === undefined ? null : <FixedBy sentence={words.settings.fixedBy(fixedBy)} />}
      {text === null || fixedBy !== undefined ? null : (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void save(text);
          }}
        >
          <TextArea
            label={words.settings.network.pem}
            labelHidden
            autoFocus
            className="mono"
            spellCheck={false}
            style={{ minBlockSize: '8rem' }}
            maxRows={10}
            placeholder="-----BEGIN CERTIFICATE-----"
            value={text}
            onChange={setText}
          />
          <div className="row">
            <Button type="submit" size="sm" disabled={text.trim() === ''} loading={update.pending}>
              {words.settings.network.saveCertificates}
            </Button>
            <Button
              size="sm"
              variant="ghost"
              onClick={() => {
                setText(null);
                update.clearError();
              }}
            >
              {words.ui.cancel}
            </Button>
          </div>
        </form>
      )}
      {update.error ? <ErrorCard error={update.error} compact /> : null}
    </div>
  );
}
