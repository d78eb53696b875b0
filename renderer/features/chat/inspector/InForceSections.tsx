/** Persona, system prompt and sampling of a chat, and what is in force of them. */
import { Bookmark, UsersRound } from 'lucide-react';
import type { ContextPolicy, Message, SamplingOverrides } from '../../../../preload/contract/chat.ts';
import { over, overridesFor, withoutOverride } from '../../../../preload/contract/in-force.ts';
import { attempt } from '../../../connection/attempt.ts';
import { useLive } from '../../../connection/live.ts';
import { navigate } from '../../../navigation/router.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { useInForce, usePersonas } from '../../../parts/personas/use-personas.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { Select } from '../../../ui/controls/Select.tsx';
import { Skeleton } from '../../../ui/display/Skeleton.tsx';
import { toast } from '../../../ui/layers/toast.ts';
import { words } from '../../../words/words.ts';
import type { ModelChoice } from '../composer/model-choice.ts';
import { ChatSampling } from './ChatSampling.tsx';
import { InForceList } from './InForceList.tsx';
import { SystemPrompt } from './SystemPrompt.tsx';
import { ToldLore } from './ToldLore.tsx';

interface InspectedChat {
  /** Null: not created yet. */
  readonly id: string | null;
  readonly systemPrompt: string;
  readonly sampling: SamplingOverrides | null;
  readonly personaId?: string | null | undefined;
  /** Null: the default one. */
  readonly contextPolicy: ContextPolicy | null;
  readonly createdAt: number | null;
}

export interface InForceSectionsProps {
  readonly chat: InspectedChat;
  readonly choice: ModelChoice;
  readonly messages: readonly Message[];
  readonly onSystemPrompt: (text: string) => void;
  readonly onSampling: (sampling: SamplingOverrides | null) => void;
  readonly onPersona: (personaId: string | null) => void;
}

/** A select has no empty values. */
const NONE = 'none';

export function InForceSections(props: InForceSectionsProps): React.JSX.Element {
  const { chat, choice, messages, onSystemPrompt, onSampling, onPersona } = props;
  const model = modelOf(choice);
  const personaId = chat.personaId ?? null;
  const all = usePersonas().value;
  const persona = all?.personas.find(({ id }) => id === personaId) ?? null;
  const below = useInForce(model?.id ?? null, personaId);
  const present =
    below.value && over(below.value, { origin: 'chat', systemPrompt: chat.systemPrompt, sampling: chat.sampling });
  const inherited = below.value?.systemPromptOrigin ?? null;
  return (
    <>
      <section aria-labelledby="inspector-persona">
        <h3 id="inspector-persona">{words.personas.inChat}</h3>
        <Select
          label={words.personas.inChat}
          labelHidden
          value={persona?.id ?? NONE}
          options={[
            { value: NONE, label: words.personas.noPersona },
            ...(all?.personas ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(value) => onPersona(value === NONE ? null : value)}
        />
        <div className="chat-inspector-actions">
          <Button size="sm" icon={UsersRound} onClick={() => navigate({ screen: 'personas', tab: 'personas' })}>
            {words.personas.manage}
          </Button>
        </div>
        {chat.id === null ? null : <ToldLore chatId={chat.id} messages={messages} />}
      </section>
      <section aria-labelledby="inspector-system">
        <h3 id="inspector-system">{words.inspector.systemPrompt}</h3>
        <SystemPrompt key={chat.id} value={chat.systemPrompt} onSave={onSystemPrompt} />
        {chat.systemPrompt.trim() === '' && inherited !== null ? (
          <p className="field-hint">
            {words.inForce.inherited(words.inForce.origin(inherited, persona?.name ?? null, model?.name ?? null))}
          </p>
        ) : null}
      </section>
      <section aria-labelledby="inspector-in-force">
        <h3 id="inspector-in-force">{words.inForce.title}</h3>
        <p className="field-hint">{words.inForce.text}</p>
        {below.status === 'error' ? <ErrorCard error={below.error} onRetry={below.retry} compact /> : null}
        {below.status === 'loading' ? <Skeleton lines={6} label={words.inForce.title} /> : null}
        {present ? (
          <InForceList
            inForce={present}
            personaName={persona?.name ?? null}
            modelName={model?.name ?? null}
            onReset={(key) => {
              if (key === 'systemPrompt') onSystemPrompt('');
              else onSampling(withoutOverride(chat.sampling, key));
            }}
          />
        ) : null}
        {model && (chat.sampling !== null || chat.systemPrompt.trim() !== '') ? (
          <SaveDefaults chat={chat} model={model} />
        ) : null}
      </section>
      <section aria-labelledby="inspector-sampling">
        <h3 id="inspector-sampling">{words.sampling.title}</h3>
        {below.value && present ? (
          <ChatSampling
            key={chat.id}
            own={chat.sampling}
            present={present.sampling}
            below={below.value.sampling}
            onChange={onSampling}
          />
        ) : null}
      </section>
    </>
  );
}

interface NamedModel {
  readonly id: string;
  readonly name: string;
}

function modelOf(choice: ModelChoice): NamedModel | null {
  return choice.state === 'ready' || choice.state === 'elsewhere' ? choice.model : null;
}

/** The chat's own values become the model's defaults: a persona's stay with it. */
function SaveDefaults({ chat, model }: { chat: InspectedChat; model: NamedModel }): React.JSX.Element {
  const settings = useLive('settings.watch', {}).value?.sampling;
  const below = useInForce(model.id, null).value;
  const before = usePersonas().value?.modelDefaults.find(({ modelId }) => modelId === model.id);
  const save = async (): Promise<void> => {
    if (!settings || !below) return;
    const { sampling, systemPrompt } = over(below, {
      origin: 'chat',
      systemPrompt: chat.systemPrompt,
      sampling: chat.sampling,
    });
    const defaults = { modelId: model.id, systemPrompt, sampling: overridesFor(sampling, settings) };
    if ((await attempt('personas.setModelDefaults', defaults)) === undefined) return;
    const none = { modelId: model.id, systemPrompt: '', sampling: null };
    toast({
      text: words.inForce.saved(model.name),
      action: { label: words.ui.undo, run: () => void attempt('personas.setModelDefaults', before ?? none) },
    });
  };
  return (
    <Button size="sm" icon={Bookmark} onClick={() => void save()} disabled={!settings || !below}>
      {words.inForce.saveDefaults(model.name)}
    </Button>
  );
}
