/** The model, instructions and sampling of a chat. Every change is saved at once. */
import { Binary } from 'lucide-react';
import { LoadSettingsIcon } from '../../../parts/icons.ts';
import type { ContextPolicy, Message } from '../../../../preload/contract/chat.ts';
import { replyReserveTokens } from '../../../../preload/contract/defaults.ts';
import type { LoadedModel } from '../../../../preload/contract/engine.ts';
import type { ChatMemory } from '../../../../preload/contract/memory.ts';
import type { LocalModel } from '../../../../preload/contract/library.ts';
import { openLoadSettings } from '../../../navigation/load-sheet.ts';
import { useLive } from '../../../connection/live.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { formatBytes, formatDate, formatDuration, formatInteger, formatParameters } from '../../../words/format.ts';
import { loadedWords, memoryWords, unloadWords } from '../../../parts/models/loaded-words.ts';
import { RadioCards } from '../../../ui/controls/RadioCards.tsx';
import { useNow } from '../../../ui/use-now.ts';
import { MemorySwitches } from '../memory/MemorySwitches.tsx';
import { InForceSections, type InForceSectionsProps } from './InForceSections.tsx';
import { policies } from '../composer/context-parts.ts';
import { firstTokenAfterLoadMs, tokensOf } from '../reply/reply-facts.ts';
import { goneWords } from '../composer/ComposerNotice.tsx';
import type { ChosenElsewhere, ModelChoice } from '../composer/model-choice.ts';
import { words } from '../../../words/words.ts';
import './inspector.css';

interface InspectorProps extends InForceSectionsProps {
  /** Undefined while it is not known, and of a chat that is not created yet. */
  readonly memory: ChatMemory | undefined;
  readonly onChooseModel: () => void;
  readonly onContextPolicy: (policy: ContextPolicy) => void;
  /** Null while the chat has no prompt to show. */
  readonly onShowPrompt: (() => void) | null;
}

export function Inspector({
  chat,
  choice,
  messages,
  memory,
  onChooseModel,
  onSystemPrompt,
  onSampling,
  onPersona,
  onContextPolicy,
  onShowPrompt,
}: InspectorProps): React.JSX.Element {
  return (
    <div className="chat-inspector">
      <section aria-labelledby="inspector-model">
        <h3 id="inspector-model">{words.inspector.model}</h3>
        <ModelFacts choice={choice} />
        <div className="chat-inspector-actions">
          <Button size="sm" onClick={onChooseModel}>
            {words.inspector.chooseAnother}
          </Button>
          {choice.state === 'ready' ? (
            <Button size="sm" icon={LoadSettingsIcon} onClick={() => openLoadSettings(choice.model.id)}>
              {words.inspector.loadSettings}
            </Button>
          ) : null}
        </div>
      </section>
      <InForceSections {...{ chat, choice, messages, onSystemPrompt, onSampling, onPersona }} />
      <section aria-labelledby="inspector-context">
        <h3 id="inspector-context">{words.inspector.whenFull}</h3>
        <RadioCards
          label={words.inspector.whenFull}
          value={chat.contextPolicy ?? 'roll'}
          options={policies}
          onChange={onContextPolicy}
        />
        {memory && chat.id !== null ? <MemorySwitches chatId={chat.id} memory={memory} /> : null}
        <Reserve policy={chat.contextPolicy ?? 'roll'} choice={choice} messages={messages} />
      </section>
      <section aria-labelledby="inspector-facts">
        <h3 id="inspector-facts">{words.inspector.thisChat}</h3>
        <ChatFacts createdAt={chat.createdAt} messages={messages} />
        {onShowPrompt ? (
          <Button size="sm" icon={Binary} onClick={onShowPrompt}>
            {words.contextMeter.exactPrompt}
          </Button>
        ) : null}
      </section>
    </div>
  );
}

/** What is kept free for the reply; nothing under `stop`, or while the size of the context is not known. */
function Reserve({
  policy,
  choice,
  messages,
}: {
  policy: ContextPolicy;
  choice: ModelChoice;
  messages: readonly Message[];
}): React.JSX.Element | null {
  const loaded = useLive('engine.watch', {}).value?.loaded ?? [];
  const modelId = choice.state === 'ready' || choice.state === 'elsewhere' ? choice.model.id : null;
  const now = loaded.find((one) => one.modelId === modelId)?.contextSize ?? 0;
  const before = messages.findLast((one) => one.modelId === modelId && one.timing !== null)?.timing?.contextSize ?? 0;
  const contextSize = now > 0 ? now : before;
  if (policy === 'stop' || contextSize === 0) return null;
  return <p className="secondary">{words.contextMeter.keptForReply(replyReserveTokens(contextSize))}</p>;
}

function ModelFacts({ choice }: { choice: ModelChoice }): React.JSX.Element {
  if (choice.state === 'unknown') return <p className="secondary">{words.inspector.noModel}</p>;
  if (choice.state === 'gone')
    return (
      <p className="secondary">
        {choice.isOff ? words.elsewhere.isOff(choice.name) : goneWords(choice.modelId, choice.name)}
      </p>
    );
  if (choice.state === 'elsewhere') return <ModelElsewhere model={choice.model} />;
  return <ReadyModel model={choice.model} />;
}

function ModelElsewhere({ model }: { model: ChosenElsewhere }): React.JSX.Element {
  const { name, server, contextSize } = model;
  return (
    <dl className="chat-facts num">
      <Fact name={words.inspector.facts.name} value={name} />
      {server === null ? null : (
        <>
          <Fact name={words.elsewhere.server} value={server.name} />
          <Fact name={words.elsewhere.address} value={server.address} />
        </>
      )}
      <Fact
        name={words.inspector.facts.context}
        value={contextSize === null ? words.elsewhere.unknown : words.models.tokens(contextSize)}
      />
      <Fact
        name={words.elsewhere.messages}
        value={server?.leavesComputer === false ? words.elsewhere.otherProgram : words.elsewhere.leaves}
      />
    </dl>
  );
}

function ReadyModel({ model }: { model: LocalModel }): React.JSX.Element {
  const loaded = useLive('engine.watch', {}).value?.loaded.find((one) => one.modelId === model.id);
  const now = useNow();
  return (
    <dl className="chat-facts num">
      <Fact name={words.inspector.facts.name} value={model.name} />
      <Fact name={words.inspector.facts.size} value={formatBytes(model.sizeBytes)} />
      {model.parameterCount === null ? null : (
        <Fact name={words.inspector.facts.parameters} value={formatParameters(model.parameterCount)} />
      )}
      {model.quantization === null ? null : (
        <Fact name={words.inspector.facts.quantization} value={model.quantization} />
      )}
      {model.contextLength === null ? null : (
        <Fact name={words.inspector.facts.trainedContext} value={words.models.tokens(model.contextLength)} />
      )}
      {loaded && loaded.contextSize > 0 ? (
        <Fact name={words.inspector.facts.context} value={words.models.tokens(loaded.contextSize)} />
      ) : null}
      <Fact name={words.inspector.facts.memory} value={loaded ? inMemory(loaded) : words.inspector.notLoaded} />
      {loaded && unloadWords(loaded.unloadsAt, now) !== null ? (
        <Fact name={words.inspector.facts.idle} value={unloadWords(loaded.unloadsAt, now) ?? ''} />
      ) : null}
    </dl>
  );
}

function inMemory(loaded: LoadedModel): string {
  return loaded.status === 'ready' || loaded.status === 'generating' ? memoryWords(loaded) : loadedWords(loaded, 0);
}

function ChatFacts({
  createdAt,
  messages,
}: {
  createdAt: number | null;
  messages: readonly Message[];
}): React.JSX.Element {
  if (createdAt === null) return <p className="secondary">{words.inspector.notBegun}</p>;
  const timing = messages.findLast((message) => message.timing !== null)?.timing;
  const written = messages.reduce((sum, message) => sum + (message.timing ? tokensOf(message.timing) : 0), 0);
  return (
    <dl className="chat-facts num">
      <Fact name={words.inspector.facts.created} value={formatDate(createdAt)} />
      <Fact name={words.inspector.facts.messages} value={formatInteger(messages.length)} />
      <Fact name={words.inspector.facts.tokensWritten} value={formatInteger(written)} />
      {timing && timing.generatedTokens > 0 ? (
        <Fact name={words.inspector.facts.firstToken} value={formatDuration(firstTokenAfterLoadMs(timing))} />
      ) : null}
      {timing?.loadMs === undefined ? null : (
        <Fact name={words.inspector.facts.load} value={formatDuration(timing.loadMs)} />
      )}
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
