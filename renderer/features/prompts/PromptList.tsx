/** The prompts of the library, with a search, and the acts on all of them. */
import { Download, Ellipsis, Pencil, Plus, Search, SquareSlash, Trash2, Upload } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { PromptsEvent, PromptSummary } from '../../../preload/contract/prompts.ts';
import type { LiveResult } from '../../connection/live.ts';
import { matchScore } from '../../navigation/commands.ts';
import { showPromptLibrary } from '../../navigation/prompt-library.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { Button } from '../../ui/controls/Button.tsx';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { Menu } from '../../ui/layers/Menu.tsx';
import { onListKeys } from '../../ui/list-keys.ts';
import { words } from '../../words/words.ts';
import { addExamples, deletePrompt, exportPrompts, importPrompts, type Done } from './prompt-actions.ts';

interface PromptListProps {
  readonly live: LiveResult<PromptsEvent>;
  readonly onInsert: (promptId: string) => void;
}

/** With fewer prompts a search is more work than a look. */
const SEARCH_FROM = 8;

const openEditor = (promptId: string | null): void =>
  showPromptLibrary({ view: 'editor', promptId, text: '', isAlone: false });

export function PromptList({ live, onInsert }: PromptListProps): React.JSX.Element {
  const [query, setQuery] = useState('');
  const picker = useRef<HTMLInputElement>(null);
  const [done, setDone] = useState<Done | null>(null);
  const prompts = live.value?.prompts;
  if (live.status === 'error' && prompts === undefined)
    return (
      <div className="prompts-panel">
        <ErrorCard error={live.error} onRetry={live.retry} />
      </div>
    );
  const shown = prompts?.filter(
    ({ name, description, beginning }) => matchScore(query, [name, description, beginning]) > 0,
  );
  return (
    <div className="prompts-panel">
      <p className="secondary">{words.prompts.text}</p>
      <div className="prompts-head">
        <Button variant="primary" icon={Plus} onClick={() => openEditor(null)}>
          {words.prompts.new}
        </Button>
        <span className="secondary num">{prompts ? words.prompts.count(prompts.length) : ''}</span>
        <Menu
          label={words.prompts.more}
          align="end"
          items={[
            { label: words.prompts.import, icon: Upload, run: () => picker.current?.click() },
            ...(prompts === undefined || prompts.length === 0
              ? []
              : [
                  {
                    label: words.prompts.exportHearth,
                    icon: Download,
                    run: () => void exportPrompts('hearth', prompts.length),
                  },
                  {
                    label: words.prompts.exportOpenWebUi,
                    icon: Download,
                    run: () => void exportPrompts('open-webui', prompts.length),
                  },
                ]),
          ]}
          trigger={<IconButton label={words.prompts.more} icon={Ellipsis} />}
        />
        <input
          ref={picker}
          type="file"
          accept=".json,application/json"
          hidden
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = '';
            if (file) void importPrompts(file).then(setDone);
          }}
        />
      </div>
      {done === null ? null : <DoneLine key={done.text} done={done} onOver={() => setDone(null)} />}
      {prompts !== undefined && prompts.length >= SEARCH_FROM ? (
        <TextField
          label={words.prompts.search}
          labelHidden
          icon={Search}
          placeholder={words.prompts.search}
          value={query}
          onChange={setQuery}
        />
      ) : null}
      {shown === undefined ? (
        <Skeleton lines={4} label={words.prompts.loading} />
      ) : prompts?.length === 0 ? (
        <EmptyState
          icon={SquareSlash}
          title={words.prompts.empty}
          text={words.prompts.emptyText}
          action={<Button onClick={() => void addExamples()}>{words.prompts.addExamples}</Button>}
        />
      ) : shown.length === 0 ? (
        <EmptyState icon={Search} title={words.prompts.nothingFound} compact />
      ) : (
        <ul className="prompts-list card" aria-label={words.prompts.title} onKeyDown={onListKeys}>
          {shown.map((prompt) => (
            <PromptRow
              key={prompt.id}
              prompt={prompt}
              onInsert={onInsert}
              onDelete={() => void deletePrompt(prompt).then(setDone)}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

/** What was done, with the way back under the keys of the sheet. */
function DoneLine({ done, onOver }: { done: Done; onOver: () => void }) {
  const { text, detail, ms, undo } = done;
  const over = useRef(onOver);
  useEffect(() => {
    over.current = onOver;
  });
  useEffect(() => {
    const timer = setTimeout(() => over.current(), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return (
    <div className="prompts-done">
      <span>
        {text} {detail ? <span className="secondary">{detail}</span> : null}
      </span>
      {undo ? (
        <Button
          size="sm"
          // The button of what was deleted is gone, and the focus with it.
          autoFocus
          onClick={() => {
            undo();
            onOver();
          }}
        >
          {words.ui.undo}
        </Button>
      ) : null}
    </div>
  );
}

interface PromptRowProps {
  readonly prompt: PromptSummary;
  readonly onInsert: (promptId: string) => void;
  readonly onDelete: () => void;
}

function PromptRow({ prompt, onInsert, onDelete }: PromptRowProps) {
  const { id, name, description, beginning } = prompt;
  return (
    <li className="prompts-row">
      <button type="button" data-row className="prompts-use" onClick={() => onInsert(id)}>
        <span className="visually-hidden">{words.prompts.insert} </span>
        <strong className="truncate">
          <bdi>{name}</bdi>
        </strong>
        <span className="secondary truncate">
          <bdi>{description || beginning}</bdi>
        </span>
      </button>
      <IconButton size="sm" icon={Pencil} label={words.prompts.edit(name)} onClick={() => openEditor(id)} />
      <IconButton size="sm" icon={Trash2} label={words.prompts.remove(name)} onClick={onDelete} />
    </li>
  );
}
