/** The form of a lorebook: what holds for all of it, and its entries. */
import { Plus } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { MAX_LORE_ENTRIES } from '../../../preload/contract/persona-limits.ts';
import type { Lorebook, LorebookDefinition, LoreEntry } from '../../../preload/contract/personas.ts';
import { useCall, useQuery } from '../../connection/live.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { Button } from '../../ui/controls/Button.tsx';
import { NumberField } from '../../ui/controls/NumberField.tsx';
import { RefusedNumbersContext, useRefusedNumbers } from '../../ui/controls/refused-numbers.ts';
import { Switch } from '../../ui/controls/Switch.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { MoreButton } from '../../ui/layers/MoreButton.tsx';
import { Sheet } from '../../ui/layers/Sheet.tsx';
import { toast } from '../../ui/layers/toast.ts';
import { words } from '../../words/words.ts';
import { EntryForm } from './EntryForm.tsx';
import { bookOf, newEntry, newLorebook, placesWith } from './lorebook-draft.ts';

interface LorebookSheetProps {
  /** Null for a new lorebook. */
  readonly lorebookId: string | null;
  readonly onClose: () => void;
}

export function LorebookSheet({ lorebookId, onClose }: LorebookSheetProps): React.JSX.Element {
  const stored = useQuery('personas.lorebook', { lorebookId: lorebookId ?? '' }, { enabled: lorebookId !== null });
  const title = stored.value ? words.lorebooks.editTitle(stored.value.name) : words.lorebooks.createTitle;
  return (
    <Sheet open onOpenChange={(open) => !open && onClose()} title={title} width={560}>
      {stored.status === 'error' ? <ErrorCard error={stored.error} onRetry={stored.retry} /> : null}
      {lorebookId !== null && stored.status === 'loading' ? (
        <Skeleton lines={8} label={words.personas.loading} />
      ) : null}
      {lorebookId === null || stored.value ? <LorebookForm book={stored.value ?? null} onClose={onClose} /> : null}
    </Sheet>
  );
}

function LorebookForm({ book, onClose }: { book: Lorebook | null; onClose: () => void }): React.JSX.Element {
  const [draft, setDraft] = useState<LorebookDefinition>(book ? bookOf(book) : newLorebook);
  const [isChecked, setIsChecked] = useState(false);
  const refused = useRefusedNumbers();
  const save = useCall('personas.saveLorebook');
  const change = (part: Partial<LorebookDefinition>): void => setDraft((before) => ({ ...before, ...part }));
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsChecked(true);
    const definition = { ...draft, name: draft.name.trim() };
    if (definition.name === '' || refused.some) return;
    const saved = await save.run({ lorebookId: book?.id ?? null, definition });
    if (saved === undefined) return;
    toast({ text: words.lorebooks.saved(saved.name) });
    onClose();
  };
  return (
    <form className="sheet-panel" noValidate onSubmit={(event) => void submit(event)}>
      <RefusedNumbersContext value={refused.fields}>
        <div className="personas-form">
          <TextField
            label={words.lorebooks.name}
            value={draft.name}
            maxLength={200}
            autoComplete="off"
            onChange={(name) => change({ name })}
            error={isChecked && draft.name.trim() === '' ? words.lorebooks.nameMissing : undefined}
          />
          <Switch
            label={words.lorebooks.everywhere}
            hint={words.lorebooks.everywhereHint}
            checked={draft.everywhere}
            onChange={(everywhere) => change({ everywhere })}
          />
          <BookOptions draft={draft} onChange={change} />
          <Entries entries={draft.entries} onChange={(entries) => change({ entries: [...entries] })} />
        </div>
      </RefusedNumbersContext>
      <footer className="sheet-foot">
        {save.error ? <ErrorCard error={save.error} compact /> : null}
        <div className="row personas-form-acts">
          <Button variant="ghost" onClick={onClose}>
            {words.ui.cancel}
          </Button>
          <Button variant="primary" type="submit" loading={save.pending}>
            {words.lorebooks.save}
          </Button>
        </div>
      </footer>
    </form>
  );
}

function BookOptions({
  draft,
  onChange,
}: {
  draft: LorebookDefinition;
  onChange: (part: Partial<LorebookDefinition>) => void;
}): React.JSX.Element {
  const [open, setOpen] = useState(false);
  const { lorebooks } = words;
  return (
    <>
      <MoreButton open={open} onOpenChange={setOpen} />
      {open ? (
        <>
          <NumberField
            label={lorebooks.scanDepth}
            hint={lorebooks.scanDepthHint}
            value={draft.scanDepth}
            min={0}
            max={1000}
            onChange={(scanDepth) => onChange({ scanDepth })}
          />
          <NumberField
            label={lorebooks.tokenBudget}
            hint={lorebooks.tokenBudgetHint}
            unit={words.ui.tokens}
            value={draft.tokenBudget}
            min={0}
            max={1_000_000}
            onChange={(tokenBudget) => onChange({ tokenBudget })}
          />
          <Switch
            label={lorebooks.recursive}
            hint={lorebooks.recursiveHint}
            checked={draft.recursive}
            onChange={(recursive) => onChange({ recursive })}
          />
          <Switch
            label={lorebooks.wholeWords}
            checked={draft.wholeWords}
            onChange={(wholeWords) => onChange({ wholeWords })}
          />
          <Switch
            label={lorebooks.matchCase}
            checked={draft.matchCase}
            onChange={(matchCase) => onChange({ matchCase })}
          />
        </>
      ) : null}
    </>
  );
}

/** More at once would make typing slow. */
const MOST_SHOWN = 100;

function Entries({
  entries,
  onChange,
}: {
  entries: readonly LoreEntry[];
  onChange: (entries: readonly LoreEntry[]) => void;
}): React.JSX.Element {
  const [wanted, setWanted] = useState('');
  /** The place of the open entry. */
  const [open, setOpen] = useState<number | null>(null);
  const places = placesWith(entries, wanted);
  const { lorebooks } = words;
  const removeAt = (place: number): void => {
    setOpen(null);
    onChange(entries.toSpliced(place, 1));
    toast({ text: lorebooks.entryRemoved, action: { label: words.ui.undo, run: () => onChange(entries) } });
  };
  return (
    <section className="lore-entries" aria-label={lorebooks.entriesTitle}>
      <header className="personas-head">
        <h3 className="personas-form-title num">
          {lorebooks.entriesTitle} <span className="secondary">{entries.length}</span>
        </h3>
        <Button
          size="sm"
          icon={Plus}
          disabled={entries.length >= MAX_LORE_ENTRIES}
          onClick={() => {
            setWanted('');
            setOpen(0);
            onChange([newEntry, ...entries]);
          }}
        >
          {lorebooks.addEntry}
        </Button>
      </header>
      {entries.length > 6 ? (
        <TextField
          label={lorebooks.find}
          labelHidden
          placeholder={lorebooks.find}
          value={wanted}
          onChange={(text) => {
            setWanted(text);
            setOpen(null);
          }}
        />
      ) : null}
      {entries.length > 0 && places.length === 0 ? <p className="secondary">{lorebooks.noneFound}</p> : null}
      <ul>
        {places.slice(0, MOST_SHOWN).map((place) => {
          const entry = entries[place];
          return entry ? (
            <li key={place} className="card">
              <EntryForm
                entry={entry}
                open={open === place}
                onToggle={() => setOpen(open === place ? null : place)}
                onChange={(next) => onChange(entries.with(place, next))}
                onRemove={() => removeAt(place)}
              />
            </li>
          ) : null;
        })}
      </ul>
    </section>
  );
}
