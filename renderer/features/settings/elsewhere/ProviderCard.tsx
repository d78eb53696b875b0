/** One server elsewhere: where it is, whether it is used, and what it turned out to be. */
import { CloudUpload, KeyRound, LockOpen, Monitor, Pencil, Stethoscope, Square, Trash2 } from 'lucide-react';
import type { ProviderEntry, RemoteAbilities, RemoteModel } from '../../../../preload/contract/providers.ts';
import { attempt } from '../../../connection/attempt.ts';
import { useCall } from '../../../connection/live.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { Button } from '../../../ui/controls/Button.tsx';
import { Switch } from '../../../ui/controls/Switch.tsx';
import { Badge } from '../../../ui/display/Badge.tsx';
import { dismissSubject, toast } from '../../../ui/layers/toast.ts';
import { words } from '../../../words/words.ts';
import { CheckSteps } from './CheckSteps.tsx';
import { inputOf, providerSubject } from './form-input.ts';
import { useCheck } from './use-check.ts';

interface ProviderCardProps {
  readonly provider: ProviderEntry;
  readonly onEdit: () => void;
}

export function ProviderCard({ provider, onEdit }: ProviderCardProps) {
  const { id, name, address, enabled, status } = provider;
  const save = useCall('providers.save');
  const check = useCheck(id);
  return (
    <article className="card elsewhere-card" aria-label={name}>
      <header>
        <div className="elsewhere-name">
          <h3>
            <bdi>{name}</bdi>
          </h3>
          <bdi dir="ltr" className="mono secondary">
            {address}
          </bdi>
        </div>
        <Switch
          label={words.elsewhere.use(name)}
          labelHidden
          checked={enabled}
          disabled={save.pending}
          onChange={(on) => {
            // It may still say that the server is off.
            dismissSubject(providerSubject(id));
            void save.run({ ...inputOf(provider), enabled: on });
          }}
        />
      </header>
      <Marks provider={provider} />
      {save.error ? <ErrorCard error={save.error} compact /> : null}
      {status.state === 'failed' && check.steps.length === 0 ? (
        <ErrorCard error={status.error} compact onRetry={check.start} />
      ) : null}
      {provider.models.length > 0 ? <Models provider={provider} /> : null}
      {check.steps.length > 0 ? <CheckSteps name={name} steps={check.steps} running={check.running} /> : null}
      <footer className="row">
        {check.running ? (
          <Button size="sm" icon={Square} onClick={check.stop}>
            {words.elsewhere.stopCheck}
          </Button>
        ) : (
          <Button
            size="sm"
            icon={Stethoscope}
            aria-label={words.elsewhere.checkNamed(name)}
            title={words.elsewhere.checkCosts}
            onClick={check.start}
          >
            {words.elsewhere.check}
          </Button>
        )}
        <Button size="sm" icon={Pencil} aria-label={words.elsewhere.editNamed(name)} onClick={onEdit}>
          {words.elsewhere.edit}
        </Button>
        <Button
          size="sm"
          variant="ghost"
          icon={Trash2}
          aria-label={words.elsewhere.removeNamed(name)}
          onClick={() => void remove(provider)}
        >
          {words.elsewhere.remove}
        </Button>
      </footer>
    </article>
  );
}

/** Where what is written goes, and in which state the server is. Each has words beside its color. */
function Marks({ provider }: { readonly provider: ProviderEntry }) {
  const { leavesComputer, unencrypted, hasKey, status, server, models } = provider;
  return (
    <p className="row elsewhere-marks">
      <Badge tone={leavesComputer ? 'amber' : 'neutral'} icon={leavesComputer ? CloudUpload : Monitor}>
        {leavesComputer ? words.elsewhere.leaves : words.elsewhere.otherProgram}
      </Badge>
      {unencrypted ? (
        <Badge tone="red" icon={LockOpen} title={words.elsewhere.unencryptedHint}>
          {words.elsewhere.unencrypted}
        </Badge>
      ) : null}
      {hasKey ? <Badge icon={KeyRound}>{words.elsewhere.keySaved}</Badge> : null}
      {status.state === 'ready' ? (
        <Badge tone="green">
          {server === null
            ? words.elsewhere.states.ready(models.length)
            : `${words.elsewhere.kind(server.kind, server.version)} · ${words.elsewhere.states.ready(models.length)}`}
        </Badge>
      ) : status.state === 'failed' ? null : (
        <span className="secondary" role="status">
          {words.elsewhere.states[status.state]}
        </span>
      )}
    </p>
  );
}

function Models({ provider: { name, models, modelsLeftOut } }: { readonly provider: ProviderEntry }) {
  return (
    <details className="elsewhere-models">
      <summary>{words.elsewhere.models(models.length)}</summary>
      <ul aria-label={words.elsewhere.modelsOf(name)}>
        {models.map((model) => (
          <li key={model.modelId}>
            <bdi className="elsewhere-model">{model.name}</bdi>
            <span className="secondary num">{factsOf(model)}</span>
          </li>
        ))}
      </ul>
      {modelsLeftOut > 0 ? <p className="secondary">{words.elsewhere.leftOut(modelsLeftOut)}</p> : null}
    </details>
  );
}

const shownAbilities = [
  'vision',
  'audio',
  'tools',
  'reasoning',
  'embeddings',
  'tokenize',
] as const satisfies readonly (keyof RemoteAbilities)[];

/** What the server tells of a model. */
function factsOf({ contextSize, abilities }: RemoteModel): string {
  const able = shownAbilities.filter((ability) => abilities[ability] === true);
  return [
    contextSize === null ? words.elsewhere.contextUnknown : words.elsewhere.context(contextSize),
    ...able.map((ability) => words.elsewhere.abilities[ability]),
  ].join(' · ');
}

async function remove({ id, name }: ProviderEntry): Promise<void> {
  const removed = await attempt('providers.remove', { id });
  if (!removed) return;
  toast({
    text: words.elsewhere.removed(name),
    subject: providerSubject(id),
    ms: removed.undoMs,
    action: {
      label: words.ui.undo,
      run: () => {
        void attempt('providers.undoRemove', { id }).then((undone) => {
          if (undone && !undone.restored) toast({ text: words.chat.tooLate });
        });
      },
    },
  });
}
