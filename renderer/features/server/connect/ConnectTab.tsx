/** How programs use the server: lines to copy, and settings that Hearth writes. */
import { BookOpenText, CircleCheck, Info, Plug } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { Editor, ServerState } from '../../../../preload/contract/server.ts';
import { useQuery } from '../../../connection/live.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { Button } from '../../../ui/controls/Button.tsx';
import { CopyButton } from '../../../ui/controls/CopyButton.tsx';
import { Select } from '../../../ui/controls/Select.tsx';
import { SideTabs } from '../../../ui/controls/SideTabs.tsx';
import { Badge } from '../../../ui/display/Badge.tsx';
import { Skeleton } from '../../../ui/display/Skeleton.tsx';
import { useKept } from '../../../ui/use-kept.ts';
import { words } from '../../../words/words.ts';
import { useModelChoices } from '../../../parts/models/use-model-choices.ts';
import { originOf } from '../server-address.ts';
import { ConnectDialog } from './ConnectDialog.tsx';
import { modelOptions } from './model-options.ts';
import { isEditor, isWritten, snippet, type Target, type WrittenTarget } from './snippets.ts';
import './connect.css';

const { connect } = words.server;

const groups: readonly { readonly heading: string; readonly members: readonly Target[] }[] = [
  { heading: connect.groups.code, members: ['curl', 'python', 'javascript'] },
  { heading: connect.groups.editors, members: ['claude-code', 'codex', 'zed', 'continue', 'cline'] },
  { heading: connect.groups.apps, members: ['open-webui'] },
];

export function ConnectTab({ server }: { readonly server: ServerState }) {
  const [target, setTarget] = useKept<Target>('server.target', 'curl');
  const [chosen, setChosen] = useKept('server.model', '');
  const choices = useModelChoices();
  const info = useQuery('system.info', {}, { keep: true });
  const editors = useQuery('server.editors', {}, { keep: true });
  const [connecting, setConnecting] = useState(false);
  if (choices === undefined || info.value === undefined) return <Skeleton lines={6} />;
  const options = modelOptions(choices, server.names, {
    ...{ modelId: info.value.builtInModelId, name: info.value.builtInModelName },
  });
  const model = options.find(({ value }) => value === chosen)?.value ?? options[0]?.value;
  if (model === undefined) return <p className="secondary">{connect.noModels}</p>;
  const known = new Map((editors.value ?? []).map((editor) => [editor.id as Target, editor]));
  const editor = known.get(target);
  return (
    <div className="server-connect">
      <div className="server-connect-model">
        <Select label={connect.model} hint={connect.modelHint} value={model} options={options} onChange={setChosen} />
      </div>
      {server.status === 'on' ? null : (
        <p className="server-note">
          <Info size={15} aria-hidden="true" />
          {connect.offNote}
        </p>
      )}
      <div className="server-side">
        <SideTabs
          label={connect.targets}
          value={target}
          onChange={setTarget}
          groups={groups.map(({ heading, members }) => ({
            heading,
            tabs: members.map((member) => ({
              value: member,
              label: connect.names[member],
              ...(known.get(member)?.isConnected
                ? { end: <CircleCheck size={14} className="server-connected" aria-label={connect.connected} /> }
                : {}),
            })),
          }))}
        >
          <TargetPanel
            target={target}
            model={model}
            server={server}
            editor={editor}
            onConnect={() => setConnecting(true)}
          />
        </SideTabs>
      </div>
      {connecting && isEditor(target) && editor?.file ? (
        <ConnectDialog
          editor={target}
          model={model}
          server={server}
          onClose={() => {
            setConnecting(false);
            editors.retry();
          }}
        />
      ) : null}
    </div>
  );
}

interface TargetPanelProps {
  readonly target: Target;
  readonly model: string;
  readonly server: ServerState;
  readonly editor: Editor | undefined;
  readonly onConnect: () => void;
}

function TargetPanel({ target, model, server, editor, onConnect }: TargetPanelProps) {
  const name = connect.names[target];
  const notes = notesOf(target);
  const key = server.keys.length > 0 ? connect.placeholder : null;
  const connectButton = editor?.file ? (
    <Button size="sm" icon={Plug} onClick={onConnect}>
      {connect.connect(name)}
    </Button>
  ) : null;
  return (
    <div className="server-target">
      <header>
        <h2>{name}</h2>
        {editor?.isConnected ? <Badge tone="green">{connect.connected}</Badge> : null}
        {editor?.file && !editor.isInstalled ? <Badge>{connect.notFound}</Badge> : null}
      </header>
      <p className="secondary">{connect.about[target]}</p>
      <div className="server-snippet">
        {editor?.file ? <p className="mono secondary server-file">{editor.file}</p> : null}
        {isWritten(target) ? (
          // Another address makes other lines.
          <WrittenLines key={`${target} ${originOf(server)}`} target={target} model={model} placeholder={key}>
            {connectButton}
          </WrittenLines>
        ) : (
          <Lines
            name={name}
            lines={snippet(target, { ...{ origin: originOf(server), model, key }, keyless: connect.keyless })}
          >
            {connectButton}
          </Lines>
        )}
      </div>
      {notes.map((note) => (
        <p key={note} className="server-note">
          <BookOpenText size={15} aria-hidden="true" />
          {note}
        </p>
      ))}
    </div>
  );
}

interface WrittenLinesProps {
  readonly target: WrittenTarget;
  readonly model: string;
  readonly placeholder: string | null;
  readonly children: ReactNode;
}

/** What Hearth would write into an empty settings file. */
function WrittenLines({ target, model, placeholder, children }: WrittenLinesProps) {
  const settings = useQuery('server.editorSettings', { editor: target, model, placeholder }, { keep: true });
  if (settings.status === 'error') return <ErrorCard error={settings.error} onRetry={settings.retry} />;
  if (!settings.value) return <Skeleton lines={6} />;
  return (
    <Lines name={connect.names[target]} lines={settings.value.text?.trimEnd() ?? ''}>
      {children}
    </Lines>
  );
}

interface LinesProps {
  readonly name: string;
  readonly lines: string;
  readonly children: ReactNode;
}

function Lines({ name, lines, children }: LinesProps) {
  return (
    <>
      <pre className="code-box" tabIndex={0} role="group" aria-label={name}>
        {lines}
      </pre>
      <div className="row">
        <CopyButton label={connect.copySnippet} size="sm" text={() => lines} />
        {children}
      </div>
    </>
  );
}

function notesOf(target: Target): readonly string[] {
  switch (target) {
    case 'claude-code':
    case 'codex':
    case 'cline':
      return [connect.notes.agents];
    case 'zed':
      return [connect.notes.zedKey, connect.notes.agents];
    case 'open-webui':
      return [connect.notes.docker];
    case 'curl':
    case 'python':
    case 'javascript':
    case 'continue':
      return [];
    default:
      return target satisfies never;
  }
}
