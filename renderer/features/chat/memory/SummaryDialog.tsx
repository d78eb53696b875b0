/** A summary of a conversation's beginning, to read, change, switch off and remove. */
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Message } from '../../../../preload/contract/chat.ts';
import { MAX_SUMMARY_LENGTH } from '../../../../preload/contract/chat-limits.ts';
import type { ChatMemory, ConversationSummary } from '../../../../preload/contract/memory.ts';
import { summariesOn, type PathSummary } from '../../../../preload/contract/summary-in-force.ts';
import { attempt } from '../../../connection/attempt.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { Select } from '../../../ui/controls/Select.tsx';
import { Switch } from '../../../ui/controls/Switch.tsx';
import { TextArea } from '../../../ui/controls/TextArea.tsx';
import { Dialog } from '../../../ui/layers/Dialog.tsx';
import { words } from '../../../words/words.ts';
import { removeSummary } from './memory-actions.ts';
import { openSummary } from './summary-dialog-state.ts';

/** Nothing while no summary of the path is open. */
export function SummaryDialog({
  path,
  memory,
}: {
  path: readonly Message[];
  memory: ChatMemory;
}): React.JSX.Element | null {
  const openId = openSummary.useValue();
  const all = summariesOn(path, memory.summaries);
  const shown = all.find(({ summary }) => summary.id === openId);
  return shown ? <Open key={shown.summary.id} shown={shown} all={all} /> : null;
}

function Open({
  shown,
  all,
}: {
  shown: PathSummary<ConversationSummary>;
  all: readonly PathSummary<ConversationSummary>[];
}): React.JSX.Element {
  const { summary, messages } = shown;
  const [text, setText] = useState(summary.text);
  const close = (): void => openSummary.set(null);
  const isEmpty = text.trim() === '';
  const changed = text !== summary.text;
  const save = async (): Promise<void> => {
    if ((await attempt('memory.edit', { summaryId: summary.id, text })) !== undefined) close();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && close()}
      title={words.memory.dialog}
      description={words.memory.dialogText(messages)}
      size="lg"
      footer={
        <>
          <Button
            variant="ghost"
            icon={Trash2}
            className="chat-summary-remove"
            onClick={() => {
              close();
              void removeSummary(summary.id);
            }}
          >
            {words.memory.remove}
          </Button>
          <Button onClick={close}>{words.ui.close}</Button>
          <Button variant="primary" disabled={!changed || isEmpty} onClick={() => void save()}>
            {words.memory.save}
          </Button>
        </>
      }
    >
      <div className="stack">
        {all.length < 2 ? null : (
          <Select
            label={words.memory.which}
            value={summary.id}
            options={all.map((one) => ({ value: one.summary.id, label: words.memory.whichOption(one.messages) }))}
            onChange={(id) => openSummary.set(id)}
          />
        )}
        <TextArea
          label={words.memory.text}
          labelHidden
          dir="auto"
          rows={8}
          maxRows={20}
          maxLength={MAX_SUMMARY_LENGTH}
          value={text}
          onChange={setText}
          hint={words.memory.writtenBy(summary.modelName, summary.source === 'edited')}
          {...(isEmpty ? { error: words.memory.empty } : {})}
        />
        <Switch
          label={words.memory.use}
          hint={words.memory.useHint}
          checked={summary.isOn}
          onChange={(isOn) => void attempt('memory.edit', { summaryId: summary.id, isOn })}
        />
      </div>
    </Dialog>
  );
}
