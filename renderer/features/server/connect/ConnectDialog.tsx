/** The question before a program's settings are written: the key, and the difference. */
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { EditorId } from '../../../../preload/contract/editor-ids.ts';
import type { ServerState } from '../../../../preload/contract/server.ts';
import { attempt } from '../../../connection/attempt.ts';
import { useCall, useQuery } from '../../../connection/live.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { Button } from '../../../ui/controls/Button.tsx';
import { TextField } from '../../../ui/controls/TextField.tsx';
import { Skeleton } from '../../../ui/display/Skeleton.tsx';
import { Dialog } from '../../../ui/layers/Dialog.tsx';
import { toast } from '../../../ui/layers/toast.ts';
import { useSettled } from '../../../ui/use-settled.ts';
import { wordsFor } from '../../../words/error-words.ts';
import { words } from '../../../words/words.ts';
import { DiffView } from './DiffView.tsx';

interface ConnectDialogProps {
  readonly editor: EditorId;
  readonly model: string;
  readonly server: ServerState;
  readonly onClose: () => void;
}

/** Longer than a pause in typing. */
const PAUSE_MS = 300;

export function ConnectDialog({ editor, model, server, onClose }: ConnectDialogProps) {
  const { connect } = words.server;
  const name = connect.names[editor];
  // Zed keeps keys where no other program writes.
  const [wantsKey] = useState(server.keys.length > 0 && editor !== 'zed');
  const [typed, setTyped] = useState('');
  const [made, setMade] = useState<{ readonly id: string; readonly secret: string; readonly beginning: string } | null>(
    null,
  );
  const secret = useSettled(made?.secret ?? typed.trim(), PAUSE_MS);
  const create = useCall('server.createKey');
  const change = useQuery(
    'server.editorChange',
    { editor, model, secret: secret === '' ? null : secret },
    { keep: true },
  );
  const write = useCall('server.connectEditor');
  const makeKey = async (): Promise<void> => {
    const rights = { models: null, endpoints: null, requestsPerMinute: null, tokensPerDay: null };
    const answer = await create.run({ name, ...rights });
    if (answer) setMade({ id: answer.key.id, secret: answer.secret, beginning: answer.key.beginning });
  };
  const save = async (): Promise<void> => {
    if (!change.value) return;
    const done = await write.run({ token: change.value.token });
    if (!done) return;
    toast({ text: connect.written(name), detail: connect.writtenText(done.copy), tone: 'green' });
    onClose();
  };
  /** A key that was made for this change, and that no file holds now, would only be forgotten. */
  const leave = (): void => {
    if (made) void attempt('server.revokeKey', { keyId: made.id });
    onClose();
  };
  const found = change.value;
  const isSame = found?.before === found?.after;
  const isMissingKey = wantsKey && secret === '';
  const isUnknownKey = change.error?.data?.['reason'] === 'unknown_key';
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && leave()}
      size="lg"
      title={connect.dialogTitle(name)}
      {...(found
        ? { description: found.before === null ? connect.dialogNew(found.file) : connect.dialogText(found.file) }
        : {})}
      footer={
        <>
          <Button variant="ghost" onClick={leave}>
            {words.ui.cancel}
          </Button>
          <Button
            variant="primary"
            disabled={!found || change.refreshing || isSame || isMissingKey || write.error !== null}
            loading={write.pending}
            onClick={() => void save()}
          >
            {connect.write}
          </Button>
        </>
      }
    >
      <div className="stack">
        {wantsKey ? (
          made ? (
            <p className="server-note">
              <KeyRound size={15} aria-hidden="true" />
              {connect.madeKey(made.beginning)}
            </p>
          ) : (
            <div className="server-connect-key">
              <TextField
                label={connect.keyLabel}
                hint={connect.keyHint}
                type="password"
                autoComplete="off"
                spellCheck={false}
                maxLength={300}
                value={typed}
                onChange={setTyped}
                error={isUnknownKey && change.error ? wordsFor(change.error).text : undefined}
              />
              <Button icon={KeyRound} loading={create.pending} onClick={() => void makeKey()}>
                {connect.makeKey(name)}
              </Button>
            </div>
          )
        ) : editor === 'zed' ? (
          <p className="server-note">
            <KeyRound size={15} aria-hidden="true" />
            {connect.notes.zedKey}
          </p>
        ) : null}
        {create.error ? <ErrorCard error={create.error} compact /> : null}
        {change.error && !isUnknownKey ? <ErrorCard error={change.error} compact onRetry={change.retry} /> : null}
        {found ? (
          isSame ? (
            <p className="secondary">{connect.nothingToDo}</p>
          ) : (
            <DiffView file={found.file} before={found.before ?? ''} after={found.after} />
          )
        ) : change.error ? null : (
          <Skeleton lines={5} />
        )}
        {write.error ? (
          <ErrorCard
            error={write.error}
            compact
            actions={[
              {
                label: connect.lookAgain,
                run: () => {
                  write.clearError();
                  change.retry();
                },
              },
            ]}
          />
        ) : null}
      </div>
    </Dialog>
  );
}
