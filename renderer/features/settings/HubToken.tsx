import { CircleCheck, ExternalLink, KeyRound } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import type { Settings } from '../../../preload/contract/settings.ts';
import { useCall } from '../../connection/live.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { toast } from '../../ui/toast.ts';

const sources: Record<Settings['hubToken']['source'], { readonly badge: string; readonly text: string }> = {
  none: { badge: 'No token', text: 'Searching and public models work without one.' },
  settings: { badge: 'Saved', text: 'Hearth keeps it encrypted where the system can, and never shows it again.' },
  environment: { badge: 'From the environment', text: 'HF_TOKEN is set where Hearth was started.' },
  file: { badge: 'From this computer', text: 'Another Hugging Face program has signed in here.' },
};

/** What the contract takes for a token; said here before it is sent. */
const tokenForm = /^[\x21-\x7e]{8,512}$/;

/** The Hub token: written, replaced and forgotten, but never read back. */
export function HubToken({ settings, endpoint }: { settings: Settings; endpoint: string | null }) {
  const { source } = settings.hubToken;
  const save = useCall('settings.setHubToken');
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const entered = token.trim();
    if (!tokenForm.test(entered)) {
      setProblem('A token is one word such as hf_… without spaces.');
      return;
    }
    const done = await save.run({ token: entered });
    if (done === undefined) return;
    setToken('');
    toast({ text: 'The token is saved.', tone: 'green' });
  };
  const forget = async (): Promise<void> => {
    setAsking(false);
    if ((await save.run({ token: null })) !== undefined) toast({ text: 'The token is forgotten.' });
  };

  return (
    <div className="stack">
      <p className="row settings-source">
        <Badge tone={source === 'none' ? 'neutral' : 'green'} icon={source === 'none' ? KeyRound : CircleCheck}>
          {sources[source].badge}
        </Badge>
        <span className="secondary">{sources[source].text}</span>
      </p>
      <form className="settings-token" onSubmit={(event) => void submit(event)}>
        <TextField
          label={source === 'settings' ? 'New token' : 'Token'}
          labelHidden
          type="password"
          autoComplete="off"
          spellCheck={false}
          placeholder={source === 'settings' ? 'Paste another token to replace it' : 'hf_…'}
          value={token}
          onChange={(value) => {
            setToken(value);
            setProblem(null);
          }}
          {...(problem === null ? {} : { error: problem })}
        />
        <Button type="submit" disabled={token.trim() === ''} loading={save.pending}>
          Save
        </Button>
        {source === 'settings' ? (
          <Button variant="ghost" onClick={() => setAsking(true)}>
            Forget…
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
            Make a token on the Hub
            <ExternalLink size={12} aria-hidden="true" />
          </a>
          <span className="secondary"> (reading is all it needs to allow)</span>
        </p>
      )}
      {save.error ? <ErrorCard error={save.error} compact /> : null}
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        size="sm"
        title="Forget the Hub token?"
        description="Hearth cannot bring it back. The token itself stays valid on the Hub until you delete it there."
        footer={
          <>
            <Button data-autofocus onClick={() => setAsking(false)}>
              Keep it
            </Button>
            <Button variant="danger" onClick={() => void forget()}>
              Forget the token
            </Button>
          </>
        }
      />
    </div>
  );
}
