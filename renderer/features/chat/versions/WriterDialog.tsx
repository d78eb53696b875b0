/** Asks which model writes a reply again, and how; or which two write replies side by side. */
import { Columns2, RotateCw } from 'lucide-react';
import { useState } from 'react';
import type { Message, Sampling } from '../../../../preload/contract/chat.ts';
import type { Writer } from '../../../../preload/contract/chat-tree.ts';
import { attempt } from '../../../connection/attempt.ts';
import { useLive } from '../../../connection/live.ts';
import { SamplingFields } from '../../../parts/sampling/SamplingFields.tsx';
import { Button } from '../../../ui/controls/Button.tsx';
import { RefusedNumbersContext, useRefusedNumbers } from '../../../ui/controls/refused-numbers.ts';
import { Select } from '../../../ui/controls/Select.tsx';
import { Switch } from '../../../ui/controls/Switch.tsx';
import { Skeleton } from '../../../ui/display/Skeleton.tsx';
import { Dialog } from '../../../ui/layers/Dialog.tsx';
import { words } from '../../../words/words.ts';
import type { MessageActions } from '../messages/message-actions.ts';
import { useWriterModels } from './use-writer-models.ts';
import type { WriterModel } from './writer-models.ts';
import type { WriterQuestion } from './writer-question.ts';
import './versions.css';

interface WriterDialogProps {
  readonly question: WriterQuestion;
  readonly actions: MessageActions;
  readonly onClose: () => void;
}

export function WriterDialog({ question, actions, onClose }: WriterDialogProps): React.JSX.Element {
  const models = useWriterModels();
  const defaults = useLive('settings.watch', {}).value?.sampling;
  const Form = question.kind === 'compare' ? CompareForm : RegenerateForm;
  const isReady = models.length > 0 && defaults !== undefined;
  return isReady ? (
    <Form message={question.message} models={models} defaults={defaults} actions={actions} onClose={onClose} />
  ) : (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={titleOf(question)}>
      <Skeleton lines={6} label={words.ui.loading} />
    </Dialog>
  );
}

const titleOf = ({ kind }: WriterQuestion): string =>
  kind === 'compare' ? words.versions.compareTitle : words.versions.withTitle;

interface FormProps extends Omit<WriterDialogProps, 'question'> {
  readonly message: Message;
  readonly models: readonly WriterModel[];
  readonly defaults: Sampling;
}

/** The writer of the reply as it is, where its model is still here. */
function writerOf({ modelId, sampling }: Message, models: readonly WriterModel[], defaults: Sampling): WriterDraft {
  const known = models.find(({ id }) => id === modelId) ?? models[0];
  return { modelId: known?.id ?? '', sampling: sampling ?? defaults };
}

type WriterDraft = Writer & { readonly sampling: Sampling };

function RegenerateForm({ message, models, defaults, actions, onClose }: FormProps): React.JSX.Element {
  const [writer, setWriter] = useState(() => writerOf(message, models, defaults));
  const [forChat, setForChat] = useState(false);
  const refused = useRefusedNumbers();
  const start = async (): Promise<void> => {
    const { chatId } = message;
    if (forChat && (await attempt('chat.update', { chatId, ...writer })) === undefined) return;
    actions.writeWith(message.id, writer);
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.versions.withTitle}
      description={words.versions.withText}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {words.ui.cancel}
          </Button>
          <Button variant="primary" icon={RotateCw} disabled={refused.some} onClick={() => void start()}>
            {words.versions.regenerate}
          </Button>
        </>
      }
    >
      <RefusedNumbersContext value={refused.fields}>
        <WriterFields value={writer} onChange={setWriter} models={models} defaults={defaults} />
      </RefusedNumbersContext>
      <Switch label={words.versions.keepForChat} checked={forChat} onChange={setForChat} />
    </Dialog>
  );
}

function CompareForm({ message, models, defaults, actions, onClose }: FormProps): React.JSX.Element {
  const [first, setFirst] = useState(() => writerOf(message, models, defaults));
  const [second, setSecond] = useState<WriterDraft>(() => {
    const other = models.find(({ id }) => id !== first.modelId);
    // One model alone is compared with itself, by the default sampling.
    return other ? { ...first, modelId: other.id } : { ...first, sampling: defaults };
  });
  const [starting, setStarting] = useState(false);
  const refused = useRefusedNumbers();
  const start = async (): Promise<void> => {
    setStarting(true);
    if (await actions.compare(message.id, [first, second])) onClose();
    else setStarting(false);
  };
  const sides = [
    { name: words.versions.writers.first, value: first, onChange: setFirst },
    { name: words.versions.writers.second, value: second, onChange: setSecond },
  ];
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.versions.compareTitle}
      description={words.versions.compareText}
      size="lg"
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {words.ui.cancel}
          </Button>
          <Button
            variant="primary"
            icon={Columns2}
            loading={starting}
            disabled={refused.some}
            onClick={() => void start()}
          >
            {words.versions.startCompare}
          </Button>
        </>
      }
    >
      <RefusedNumbersContext value={refused.fields}>
        <div className="versions-writers">
          {sides.map(({ name, value, onChange }) => (
            <fieldset key={name}>
              <legend>{name}</legend>
              <WriterFields value={value} onChange={onChange} models={models} defaults={defaults} />
            </fieldset>
          ))}
        </div>
      </RefusedNumbersContext>
    </Dialog>
  );
}

function WriterFields({
  value,
  onChange,
  models,
  defaults,
}: {
  value: WriterDraft;
  onChange: (value: WriterDraft) => void;
  models: readonly WriterModel[];
  defaults: Sampling;
}): React.JSX.Element {
  const change = (sampling: Sampling): void => onChange({ ...value, sampling });
  return (
    <div className="versions-writer">
      <Select
        label={words.inspector.model}
        value={value.modelId}
        onChange={(modelId) => onChange({ ...value, modelId })}
        options={models.map(({ id, name, detail }) => ({ value: id, label: name, detail }))}
      />
      <SamplingFields value={value.sampling} defaults={defaults} onChange={change} onCommit={change} />
    </div>
  );
}
