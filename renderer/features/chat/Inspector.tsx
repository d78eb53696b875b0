/** What a chat is made of: its model, its instructions, how words are chosen. Everything is saved as it is changed. */
import { useEffect, useRef, useState } from 'react';
import type { Message, Sampling } from '../../../preload/contract/chat.ts';
import { useLive } from '../../live.ts';
import { Button } from '../../ui/Button.tsx';
import { formatBytes, formatDate, formatInteger, formatParameters } from '../../ui/format.ts';
import { TextArea } from '../../ui/TextArea.tsx';
import type { ModelChoice } from './model-choice.ts';
import { SamplingFields } from './SamplingFields.tsx';
import './inspector.css';

export interface InspectedChat {
  /** Null: not created yet. */
  readonly id: string | null;
  readonly systemPrompt: string;
  readonly sampling: Sampling | null;
  readonly createdAt: number | null;
}

interface InspectorProps {
  readonly chat: InspectedChat;
  readonly choice: ModelChoice;
  readonly messages: readonly Message[];
  readonly onChooseModel: () => void;
  readonly onSystemPrompt: (text: string) => void;
  readonly onSampling: (sampling: Sampling | null) => void;
}

export function Inspector({
  chat,
  choice,
  messages,
  onChooseModel,
  onSystemPrompt,
  onSampling,
}: InspectorProps): React.JSX.Element {
  const settings = useLive('settings.watch', {});
  return (
    <div className="chat-inspector">
      <section aria-labelledby="inspector-model">
        <h3 id="inspector-model">Model</h3>
        <ModelFacts choice={choice} />
        <Button size="sm" onClick={onChooseModel}>
          Choose another model
        </Button>
      </section>
      <section aria-labelledby="inspector-system">
        <h3 id="inspector-system">Instructions</h3>
        <SystemPrompt key={chat.id} value={chat.systemPrompt} onSave={onSystemPrompt} />
      </section>
      <section aria-labelledby="inspector-sampling">
        <h3 id="inspector-sampling">How words are chosen</h3>
        {settings.value ? (
          <SamplingFields key={chat.id} own={chat.sampling} defaults={settings.value.sampling} onChange={onSampling} />
        ) : null}
      </section>
      <section aria-labelledby="inspector-facts">
        <h3 id="inspector-facts">This chat</h3>
        <ChatFacts createdAt={chat.createdAt} messages={messages} />
      </section>
    </div>
  );
}

function ModelFacts({ choice }: { choice: ModelChoice }): React.JSX.Element {
  if (choice.state === 'unknown') return <p className="secondary">No model is chosen.</p>;
  if (choice.state === 'gone') return <p className="secondary">{choice.name} is no longer on this computer.</p>;
  const { model } = choice;
  return (
    <dl className="chat-facts num">
      <Fact name="Name" value={model.name} />
      <Fact name="Size" value={formatBytes(model.sizeBytes)} />
      {model.parameterCount === null ? null : <Fact name="Parameters" value={formatParameters(model.parameterCount)} />}
      {model.quantization === null ? null : <Fact name="Quantization" value={model.quantization} />}
      {model.contextLength === null ? null : (
        <Fact name="Trained for" value={`${formatInteger(model.contextLength)} tokens`} />
      )}
    </dl>
  );
}

function ChatFacts({
  createdAt,
  messages,
}: {
  createdAt: number | null;
  messages: readonly Message[];
}): React.JSX.Element {
  if (createdAt === null) return <p className="secondary">It begins with your first message.</p>;
  const written = messages.reduce((sum, message) => sum + (message.timing?.generatedTokens ?? 0), 0);
  return (
    <dl className="chat-facts num">
      <Fact name="Begun" value={formatDate(createdAt)} />
      <Fact name="Messages" value={formatInteger(messages.length)} />
      <Fact name="Tokens written" value={formatInteger(written)} />
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: string }): React.JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd title={value}>{value}</dd>
    </div>
  );
}

/** Long enough for a thought between two words. */
const PAUSE_MS = 800;

function SystemPrompt({ value, onSave }: { value: string; onSave: (text: string) => void }): React.JSX.Element {
  const [draft, setDraft] = useState<string | null>(null);
  const unsaved = useRef<string | null>(null);
  const save = useRef(onSave);
  useEffect(() => {
    save.current = onSave;
  });
  const flush = (): void => {
    if (unsaved.current !== null) save.current(unsaved.current);
    unsaved.current = null;
  };
  useEffect(() => {
    if (draft === null || draft === value) return;
    const timer = setTimeout(flush, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft, value]);
  // Closing the panel is leaving the field too.
  useEffect(() => flush, []);
  return (
    <TextArea
      label="System prompt"
      labelHidden
      hint="Said to the model before the conversation (system prompt). Counts for the next reply."
      placeholder="For example: Answer briefly, and say when you are not sure."
      dir="auto"
      maxRows={14}
      maxLength={200_000}
      value={draft ?? value}
      onChange={(text) => {
        unsaved.current = text;
        setDraft(text);
      }}
      onBlur={() => {
        flush();
        // From here on what main says counts again.
        setDraft(null);
      }}
    />
  );
}
