/** What narrows the search: author, task, format, licence. What is on shows as chips, each of which takes itself away. */
import { ListFilter, X } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../ui/Button.tsx';
import { Popover } from '../../ui/Popover.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { Select } from '../../ui/Select.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { licenceName } from '../../parts/model-words.ts';
import { activeFilters, readAuthor, withoutFilter, type FilterName, type SearchRequest } from './search-request.ts';

interface FilterProps {
  readonly request: SearchRequest;
  readonly onRequest: (change: Partial<SearchRequest>) => void;
}

const libraries = [
  { value: 'gguf', label: 'GGUF' },
  { value: 'safetensors', label: 'safetensors' },
  { value: 'any', label: 'Any' },
] as const;

const tasks: readonly { readonly value: string; readonly label: string }[] = [
  { value: 'text-generation', label: 'Writing and chat' },
  { value: 'image-text-to-text', label: 'Pictures and text' },
  { value: 'feature-extraction', label: 'Embeddings' },
  { value: 'text-ranking', label: 'Ranking' },
  { value: 'translation', label: 'Translation' },
  { value: 'summarization', label: 'Summaries' },
  { value: 'automatic-speech-recognition', label: 'Speech to text' },
  { value: 'text-to-speech', label: 'Text to speech' },
];

const licences = [
  'apache-2.0',
  'mit',
  'bsd-3-clause',
  'cc-by-4.0',
  'cc-by-nc-4.0',
  'gemma',
  'llama3.1',
  'llama3.2',
  'llama3.3',
  'llama4',
  'other',
];

/** Radix has no option with an empty value. */
const ANY = 'any';

export function FilterPopover({ request, onRequest }: FilterProps) {
  const active = activeFilters(request).length;
  return (
    <Popover
      title="Filters"
      align="end"
      width={320}
      trigger={
        <Button size="sm" icon={ListFilter}>
          Filters
          {active > 0 && (
            <span className="models-filter-count num">
              {active}
              <span className="visually-hidden"> on</span>
            </span>
          )}
        </Button>
      }
    >
      <div className="stack models-filter-fields">
        <div className="field">
          <span className="field-label" aria-hidden>
            Format
          </span>
          <SegmentedControl
            label="Format"
            full
            size="sm"
            value={request.library}
            options={libraries}
            onChange={(library) => onRequest({ library })}
          />
        </div>
        <AuthorField key={request.author} author={request.author} onAuthor={(author) => onRequest({ author })} />
        <Select
          label="Made for (task)"
          size="sm"
          value={request.task ?? ANY}
          onChange={(task) => onRequest({ task: task === ANY ? null : task })}
          options={[{ value: ANY, label: 'Anything' }, ...tasks]}
        />
        <Select
          label="Licence"
          size="sm"
          value={request.licence ?? ANY}
          onChange={(licence) => onRequest({ licence: licence === ANY ? null : licence })}
          options={[
            { value: ANY, label: 'Any licence' },
            ...licences.map((value) => ({ value, label: licenceName(value) })),
          ]}
        />
        <Button size="sm" variant="ghost" disabled={active === 0} onClick={() => onRequest(withoutFilter('all'))}>
          Clear filters
        </Button>
      </div>
    </Popover>
  );
}

function AuthorField({ author, onAuthor }: { author: string | null; onAuthor: (author: string | null) => void }) {
  const [text, setText] = useState(author ?? '');
  const [wrong, setWrong] = useState(false);
  const commit = (): void => {
    const read = readAuthor(text);
    setWrong(read === null && text.trim() !== '');
    if (read !== author && (read !== null || text.trim() === '')) onAuthor(read);
  };
  return (
    <TextField
      label="Author"
      size="sm"
      placeholder="A user or an organisation"
      value={text}
      onChange={(next) => {
        setText(next);
        setWrong(false);
      }}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
      }}
      autoComplete="off"
      spellCheck={false}
      maxLength={96}
      {...(wrong ? { error: 'A name on the Hub is one word.' } : {})}
    />
  );
}

/** The filters that are on. Nothing where none is. */
export function FilterChips({ request, onRequest }: FilterProps) {
  const active = activeFilters(request);
  if (active.length === 0) return null;
  return (
    <ul className="models-chips" aria-label="Filters that are on">
      {active.map((name) => {
        const words = chipWords(name, request);
        return (
          <li key={name}>
            <button
              type="button"
              className="models-chip"
              aria-label={`Remove the filter ${words}`}
              title={`Remove the filter ${words}`}
              onClick={() => onRequest(withoutFilter(name))}
            >
              {words}
              <X size={12} aria-hidden />
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function chipWords(name: FilterName, request: SearchRequest): string {
  switch (name) {
    case 'author':
      return `By ${request.author ?? ''}`;
    case 'task':
      return tasks.find((task) => task.value === request.task)?.label ?? request.task ?? '';
    case 'library':
      return request.library === 'any' ? 'Any format' : request.library;
    case 'licence':
      return licenceName(request.licence);
    default:
      return name satisfies never;
  }
}
