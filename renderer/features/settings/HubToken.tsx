import { CircleCheck, ExternalLink, KeyRound } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import type { Settings } from '../../../preload/contract/settings.ts';
import { isAppError, type AppError } from '../../../preload/wire/errors.ts';
import { client } from '../../connection/api.ts';
import { toAppError, useCall } from '../../connection/live.ts';
import { Badge } from '../../ui/display/Badge.tsx';
import { Button } from '../../ui/controls/Button.tsx';
import { Dialog } from '../../ui/layers/Dialog.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { href, navigate } from '../../navigation/router.ts';
import { toast } from '../../ui/layers/toast.ts';
import { wordsFor } from '../../words/error-words.ts';
import { words } from '../../words/words.ts';

/** The contract's rule for a token, checked here before it is sent. */
const tokenForm = /^[\x21-\x7e]{8,512}$/;

interface HubTokenProps {
  readonly settings: Settings;
  readonly endpoint: string | null;
  /** The gated model that asks for the token: it is opened again once a token is saved. */
  readonly forRepoId: string | null;
}

/** The name of the token's account, or the error that kept the Hub from being asked or from knowing the token. */
async function check(token: string): Promise<{ readonly name: string | null } | AppError> {
  try {
    return await client.call('hub.checkToken', { token });
  } catch (error) {
    return toAppError(error);
  }
}

/** The Hub token: it can be written, replaced and removed, but never read back. */
export function HubToken({ settings, endpoint, forRepoId }: HubTokenProps) {
  const { source } = settings.hubToken;
  const save = useCall('settings.setHubToken');
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const [checking, setChecking] = useState(false);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const entered = token.trim();
    if (!tokenForm.test(entered)) {
      setProblem(words.settings.token.wrong);
      return;
    }
    setChecking(true);
    const checked = await check(entered);
    setChecking(false);
    if (isAppError(checked, 'hub.unauthorized')) return setProblem(words.settings.token.refused);
    if ((await save.run({ token: entered })) === undefined) return;
    setToken('');
    if (isAppError(checked)) {
      toast({ text: words.settings.token.saved, detail: words.settings.token.unchecked(wordsFor(checked).title) });
    } else {
      const owner = checked.name === null ? {} : { detail: words.settings.token.owner(checked.name) };
      toast({ text: words.settings.token.saved, tone: 'green', ...owner });
    }
    if (forRepoId !== null) navigate({ screen: 'models', tab: 'discover', repoId: forRepoId });
  };
  const forget = async (): Promise<void> => {
    setAsking(false);
    if ((await save.run({ token: null })) !== undefined) toast({ text: words.settings.token.forgotten });
  };

  return (
    <div className="stack">
      <p className="row settings-source">
        <Badge tone={source === 'none' ? 'neutral' : 'green'} icon={source === 'none' ? KeyRound : CircleCheck}>
          {words.settings.token.sources[source].badge}
        </Badge>
        <span className="secondary">{words.settings.token.sources[source].text}</span>
      </p>
      {forRepoId === null ? null : (
        <p className="settings-back">
          {words.settings.token.neededFor}{' '}
          <a href={href({ screen: 'models', tab: 'discover', repoId: forRepoId })}>
            <bdi>{forRepoId}</bdi>
          </a>
          {words.settings.token.opensAgain}
        </p>
      )}
      <form className="settings-token" onSubmit={(event) => void submit(event)}>
        <TextField
          label={source === 'settings' ? words.settings.token.labelNew : words.settings.token.label}
          labelHidden
          type="password"
          autoComplete="off"
          data-autofocus
          spellCheck={false}
          placeholder={source === 'settings' ? words.settings.token.placeholderNew : words.settings.token.placeholder}
          value={token}
          onChange={(value) => {
            setToken(value);
            setProblem(null);
          }}
          {...(problem === null ? {} : { error: problem })}
        />
        <Button type="submit" disabled={token.trim() === ''} loading={checking || save.pending}>
          {words.ui.save}
        </Button>
        {source === 'settings' ? (
          <Button variant="ghost" onClick={() => setAsking(true)}>
            {words.settings.token.forget}
          </Button>
        ) : null}
      </form>
      {endpoint === null ? null : (
        <p>
          <a
            href={`${endpoint.replace(/\/$/, '')}/settings/tokens`}
            target="_blank"
            rel="noreferrer noopener"
            className="settings-link"
          >
            {words.settings.token.create}
            <ExternalLink size={12} aria-hidden="true" />
          </a>
          <span className="secondary"> {words.settings.token.createHint}</span>
        </p>
      )}
      {save.error ? <ErrorCard error={save.error} compact /> : null}
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        size="sm"
        title={words.settings.token.askTitle}
        description={words.settings.token.askText}
        footer={
          <>
            <Button data-autofocus onClick={() => setAsking(false)}>
              {words.settings.token.keep}
            </Button>
            <Button variant="danger" onClick={() => void forget()}>
              {words.settings.token.forgetNow}
            </Button>
          </>
        }
      />
    </div>
  );
}
