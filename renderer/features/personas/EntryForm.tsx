import { ChevronDown, ChevronRight, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { MAX_KEYS, MAX_PERSONA_TEXT } from '../../../preload/contract/persona-limits.ts';
import type { LoreEntry } from '../../../preload/contract/personas.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { ChipsField } from '../../ui/controls/ChipsField.tsx';
import { NumberField } from '../../ui/controls/NumberField.tsx';
import { OptionalNumber } from '../../ui/controls/OptionalNumber.tsx';
import { SegmentedControl } from '../../ui/controls/SegmentedControl.tsx';
import { Switch } from '../../ui/controls/Switch.tsx';
import { TextArea } from '../../ui/controls/TextArea.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { MoreButton } from '../../ui/layers/MoreButton.tsx';
import { formatList } from '../../words/format.ts';
import { words } from '../../words/words.ts';

interface EntryFormProps {
  readonly entry: LoreEntry;
  readonly open: boolean;
  readonly onToggle: () => void;
  readonly onChange: (entry: LoreEntry) => void;
  readonly onRemove: () => void;
}

/** One entry of a lorebook: a line, or its form. */
export function EntryForm({ entry, open, onToggle, onChange, onRemove }: EntryFormProps): React.JSX.Element {
  const { lorebooks } = words;
  const Icon = open ? ChevronDown : ChevronRight;
  const keys = entry.constant ? lorebooks.constant : formatList(entry.keys);
  return (
    <>
      <button type="button" className="lore-entry-head" aria-expanded={open} onClick={onToggle}>
        <Icon size={14} aria-hidden="true" />
        <span className="truncate">
          <bdi>{entry.title || entry.keys[0] || entry.text.slice(0, 80) || lorebooks.untitled}</bdi>
        </span>
        <span className="secondary truncate">{entry.enabled ? keys : lorebooks.disabled}</span>
      </button>
      {open ? (
        <div className="lore-entry">
          <TextField
            label={lorebooks.entryTitle}
            value={entry.title}
            maxLength={500}
            onChange={(title) => onChange({ ...entry, title })}
          />
          <ChipsField
            label={lorebooks.keys}
            hint={lorebooks.keysHint}
            values={entry.keys}
            max={MAX_KEYS}
            onChange={(next) => onChange({ ...entry, keys: next })}
          />
          <TextArea
            label={lorebooks.entryText}
            dir="auto"
            maxLength={MAX_PERSONA_TEXT}
            value={entry.text}
            onChange={(text) => onChange({ ...entry, text })}
          />
          <Switch
            label={lorebooks.constant}
            checked={entry.constant}
            onChange={(constant) => onChange({ ...entry, constant })}
          />
          <Switch
            label={lorebooks.enabled}
            checked={entry.enabled}
            onChange={(enabled) => onChange({ ...entry, enabled })}
          />
          <MoreOfEntry entry={entry} onChange={onChange} />
          <div>
            <Button size="sm" variant="ghost" icon={Trash2} onClick={onRemove}>
              {lorebooks.removeEntry}
            </Button>
          </div>
        </div>
      ) : null}
    </>
  );
}

/** `null` leaves it to the lorebook. */
type OfBook = 'book' | 'yes' | 'no';
const choiceOf = (value: boolean | null): OfBook => (value === null ? 'book' : value ? 'yes' : 'no');
const valueOf = (choice: OfBook): boolean | null => (choice === 'book' ? null : choice === 'yes');

function MoreOfEntry({ entry, onChange }: Pick<EntryFormProps, 'entry' | 'onChange'>): React.JSX.Element {
  const [open, setOpen] = useState(false);
  const { lorebooks } = words;
  const choices = [
    { value: 'book', label: lorebooks.asBook },
    { value: 'yes', label: lorebooks.yes },
    { value: 'no', label: lorebooks.no },
  ] as const;
  return (
    <>
      <MoreButton open={open} onOpenChange={setOpen} />
      {open ? (
        <>
          <ChipsField
            label={lorebooks.secondaryKeys}
            hint={lorebooks.secondaryKeysHint}
            values={entry.secondaryKeys}
            max={MAX_KEYS}
            onChange={(secondaryKeys) => onChange({ ...entry, secondaryKeys })}
          />
          <LabeledChoice label={lorebooks.place}>
            <SegmentedControl
              label={lorebooks.place}
              value={entry.place}
              options={[
                { value: 'before', label: lorebooks.places.before },
                { value: 'after', label: lorebooks.places.after },
              ]}
              onChange={(place) => onChange({ ...entry, place })}
            />
          </LabeledChoice>
          <LabeledChoice label={lorebooks.wholeWords}>
            <SegmentedControl
              label={lorebooks.wholeWords}
              value={choiceOf(entry.wholeWords)}
              options={choices}
              onChange={(choice) => onChange({ ...entry, wholeWords: valueOf(choice) })}
            />
          </LabeledChoice>
          <LabeledChoice label={lorebooks.matchCase}>
            <SegmentedControl
              label={lorebooks.matchCase}
              value={choiceOf(entry.matchCase)}
              options={choices}
              onChange={(choice) => onChange({ ...entry, matchCase: valueOf(choice) })}
            />
          </LabeledChoice>
          <NumberField
            label={lorebooks.order}
            hint={lorebooks.orderHint}
            value={entry.order}
            min={-1_000_000}
            max={1_000_000}
            onChange={(order) => onChange({ ...entry, order })}
          />
          <NumberField
            label={lorebooks.priority}
            hint={lorebooks.priorityHint}
            value={entry.priority}
            min={-1_000_000}
            max={1_000_000}
            onChange={(priority) => onChange({ ...entry, priority })}
          />
          <OptionalNumber
            label={lorebooks.ownDepth}
            hint={lorebooks.scanDepthHint}
            numberLabel={lorebooks.scanDepth}
            value={entry.scanDepth}
            whenOn={4}
            min={0}
            max={1000}
            onChange={(scanDepth) => onChange({ ...entry, scanDepth })}
          />
        </>
      ) : null}
    </>
  );
}

function LabeledChoice({ label, children }: { label: string; children: React.ReactNode }): React.JSX.Element {
  return (
    <div className="lore-choice">
      <span aria-hidden="true">{label}</span>
      {children}
    </div>
  );
}
