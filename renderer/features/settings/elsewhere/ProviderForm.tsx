/** The form of a server elsewhere, in a dialog. */
import { Plus, X } from 'lucide-react';
import { useId, useState, type FormEvent } from 'react';
import type { ProviderEntry } from '../../../../preload/contract/providers.ts';
import { useCall } from '../../../connection/live.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { Button } from '../../../ui/controls/Button.tsx';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { TextArea } from '../../../ui/controls/TextArea.tsx';
import { TextField } from '../../../ui/controls/TextField.tsx';
import { Dialog } from '../../../ui/layers/Dialog.tsx';
import { toast } from '../../../ui/layers/toast.ts';
import { wordsFor } from '../../../words/error-words.ts';
import { words } from '../../../words/words.ts';
import { draftOf, inputOfDraft, isOtherHost, providerSubject, type Draft, type HeaderDraft } from './form-input.ts';

interface ProviderFormProps {
  /** Null for one that is added. */
  readonly provider: ProviderEntry | null;
  readonly onClose: () => void;
}

export function ProviderForm({ provider, onClose }: ProviderFormProps) {
  const { form } = words.elsewhere;
  const formId = useId();
  /** The server as it is stored: one that was added is edited from then on, where storing its key failed. */
  const [stored, setStored] = useState(provider);
  const [draft, setDraft] = useState<Draft>(() => draftOf(provider));
  const save = useCall('providers.save');
  const setKey = useCall('providers.setKey');
  const set = (patch: Partial<Draft>): void => setDraft((before) => ({ ...before, ...patch }));
  const movesAway = isOtherHost(draft.address, stored);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const saved = await save.run(inputOfDraft(draft, stored));
    if (!saved) return;
    setStored(saved);
    const secret = draft.secret.trim();
    if (secret !== '' && !(await setKey.run({ id: saved.id, key: secret }))) return;
    toast({
      text: form.saved(saved.name),
      subject: providerSubject(saved.id),
      ...(saved.enabled ? {} : { detail: form.savedOff }),
    });
    onClose();
  };
  const error = save.error ?? setKey.error;
  /** What is wrong with a field stands at the field. */
  const problemAt = (field: 'name' | 'address'): string | null =>
    save.error?.data['field'] === field ? wordsFor(save.error).text : null;
  const [nameProblem, addressProblem] = [problemAt('name'), problemAt('address')];
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={provider === null ? form.addTitle : form.editTitle(provider.name)}
      description={form.text}
      footer={
        <>
          <Button onClick={onClose}>{words.ui.cancel}</Button>
          <Button
            type="submit"
            form={formId}
            variant="primary"
            disabled={draft.name.trim() === '' || draft.address.trim() === ''}
            loading={save.pending || setKey.pending}
          >
            {words.ui.save}
          </Button>
        </>
      }
    >
      <form id={formId} className="stack elsewhere-form" onSubmit={(event) => void submit(event)} noValidate>
        {error && nameProblem === null && addressProblem === null ? <ErrorCard error={error} compact /> : null}
        <TextField
          label={form.name}
          placeholder={form.namePlaceholder}
          data-autofocus
          maxLength={60}
          value={draft.name}
          onChange={(name) => {
            set({ name });
            save.clearError();
          }}
          {...(nameProblem === null ? {} : { error: nameProblem })}
        />
        <TextField
          label={form.address}
          hint={form.addressHint}
          placeholder="http://gpu.local:8000/v1"
          type="url"
          autoComplete="off"
          spellCheck={false}
          maxLength={300}
          value={draft.address}
          onChange={(address) => {
            set({ address });
            save.clearError();
          }}
          {...(addressProblem === null ? {} : { error: addressProblem })}
        />
        {movesAway && (stored?.hasKey === true || (stored?.headerNames.length ?? 0) > 0) ? (
          <p className="secondary" role="status">
            {form.otherHost}
          </p>
        ) : null}
        <div className="elsewhere-key">
          <TextField
            label={form.key}
            hint={form.keyHint}
            type="password"
            autoComplete="off"
            spellCheck={false}
            maxLength={4000}
            placeholder={stored?.hasKey === true && !movesAway ? form.keyKept : form.keyPlaceholder}
            value={draft.secret}
            onChange={(secret) => set({ secret })}
          />
          {stored?.hasKey === true ? (
            <Button
              size="sm"
              variant="ghost"
              loading={setKey.pending}
              onClick={() =>
                void setKey.run({ id: stored.id, key: null }).then((saved) => {
                  if (saved) setStored(saved);
                })
              }
            >
              {form.forgetKey}
            </Button>
          ) : null}
        </div>
        <Headers headers={draft.headers} onChange={(headers) => set({ headers })} />
        <Certificates
          count={stored?.certificates?.count ?? 0}
          text={draft.certificates}
          forgets={draft.forgetsCertificates}
          onChange={(certificates) => set({ certificates })}
          onForgets={(forgetsCertificates) => set({ forgetsCertificates })}
        />
      </form>
    </Dialog>
  );
}

function Headers({
  headers,
  onChange,
}: {
  readonly headers: readonly HeaderDraft[];
  readonly onChange: (headers: readonly HeaderDraft[]) => void;
}) {
  const { form } = words.elsewhere;
  const change = (key: number, patch: Partial<HeaderDraft>): void =>
    onChange(headers.map((one) => (one.key === key ? { ...one, ...patch } : one)));
  return (
    <fieldset className="elsewhere-headers">
      <legend className="field-label">{form.headers}</legend>
      {headers.map(({ key, name, value, kept }, index) => (
        <div key={key} className="elsewhere-header">
          <TextField
            label={form.headerName(index + 1)}
            labelHidden
            placeholder={form.headerNamePlaceholder}
            autoComplete="off"
            spellCheck={false}
            maxLength={80}
            value={name}
            // The stored value belongs to the stored name.
            onChange={(text) => change(key, { name: text, kept: false })}
          />
          <TextField
            label={form.headerValue(index + 1)}
            labelHidden
            type="password"
            autoComplete="off"
            spellCheck={false}
            maxLength={4000}
            placeholder={kept ? form.headerValueKept : ''}
            value={value}
            onChange={(text) => change(key, { value: text })}
          />
          <IconButton
            icon={X}
            label={form.removeHeader(index + 1)}
            onClick={() => onChange(headers.filter((one) => one.key !== key))}
          />
        </div>
      ))}
      {headers.length < 16 ? (
        <Button
          size="sm"
          variant="ghost"
          icon={Plus}
          onClick={() =>
            onChange([
              ...headers,
              { key: Math.max(-1, ...headers.map(({ key }) => key)) + 1, name: '', value: '', kept: false },
            ])
          }
        >
          {form.addHeader}
        </Button>
      ) : null}
    </fieldset>
  );
}

function Certificates({
  count,
  text,
  forgets,
  onChange,
  onForgets,
}: {
  readonly count: number;
  readonly text: string;
  readonly forgets: boolean;
  readonly onChange: (text: string) => void;
  readonly onForgets: (forgets: boolean) => void;
}) {
  const { form } = words.elsewhere;
  const [typing, setTyping] = useState(false);
  const isKept = count > 0 && text.trim() === '';
  return (
    <div className="stack" role="group" aria-label={form.certificates}>
      <div className="elsewhere-certificates">
        <div>
          <span className="field-label">{form.certificates}</span>
          <p className="field-hint">
            {!isKept
              ? form.certificatesHint
              : forgets
                ? form.certificatesForgotten
                : `${form.certificatesKept(count)}${typing ? ` ${form.certificatesStay}` : ''}`}
          </p>
        </div>
        <div className="row">
          {typing ? null : (
            <Button size="sm" onClick={() => setTyping(true)}>
              {count > 0 ? form.replaceCertificates : form.addCertificates}
            </Button>
          )}
          {isKept ? (
            <Button size="sm" variant="ghost" onClick={() => onForgets(!forgets)}>
              {forgets ? form.keepCertificates : form.forgetCertificates}
            </Button>
          ) : null}
        </div>
      </div>
      {typing ? (
        <TextArea
          label={form.certificates}
          labelHidden
          className="mono"
          spellCheck={false}
          style={{ minBlockSize: '7rem' }}
          maxRows={10}
          placeholder="-----BEGIN CERTIFICATE-----"
          value={text}
          onChange={onChange}
        />
      ) : null}
    </div>
  );
}
