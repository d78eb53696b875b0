/** The search filters: author, task, format, license. Active ones are chips; a click on a chip removes its filter. */
import { ListFilter, X } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../ui/controls/Button.tsx';
import { Popover } from '../../ui/layers/Popover.tsx';
import { SegmentedControl } from '../../ui/controls/SegmentedControl.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { licenseName } from '../../parts/models/model-words.ts';
import { activeFilters, readAuthor, withoutFilter, type FilterName, type SearchRequest } from './search-request.ts';
import { words } from '../../words/words.ts';

interface FilterProps {
  readonly request: SearchRequest;
  readonly onRequest: (change: Partial<SearchRequest>) => void;
}

const libraries = [
  { value: 'gguf', label: words.discover.formats.gguf },
  { value: 'safetensors', label: words.discover.formats.safetensors },
  { value: 'any', label: words.discover.formats.any },
] as const;

const tasks = Object.entries(words.discover.tasks).map(([value, label]) => ({ value, label }));

const licenses = [
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

/** Radix allows no option with an empty value. */
const ANY = 'any';

export function FilterPopover({ request, onRequest }: FilterProps) {
  const active = activeFilters(request).length;
  return (
    <Popover
      title={words.discover.filters}
      align="end"
      width={320}
      trigger={
        <Button size="sm" icon={ListFilter}>
          {words.discover.filters}
          {active > 0 && (
            <span className="models-filter-count num">
              {active}
              <span className="visually-hidden"> {words.discover.filtersOn}</span>
            </span>
          )}
        </Button>
      }
    >
      <div className="stack models-filter-fields">
        <div className="field">
          <span className="field-label" aria-hidden>
            {words.discover.format}
          </span>
          <SegmentedControl
            label={words.discover.format}
            full
            size="sm"
            value={request.library}
            options={libraries}
            onChange={(library) => onRequest({ library })}
          />
        </div>
        <AuthorField key={request.author} author={request.author} onAuthor={(author) => onRequest({ author })} />
        <Select
          label={words.discover.task}
          size="sm"
          value={request.task ?? ANY}
          onChange={(task) => onRequest({ task: task === ANY ? null : task })}
          options={[{ value: ANY, label: words.discover.anyTask }, ...tasks]}
        />
        <Select
          label={words.discover.license}
          size="sm"
          value={request.license ?? ANY}
          onChange={(license) => onRequest({ license: license === ANY ? null : license })}
          options={[
            { value: ANY, label: words.discover.anyLicense },
            ...licenses.map((value) => ({ value, label: licenseName(value) })),
          ]}
        />
        <Button size="sm" variant="ghost" disabled={active === 0} onClick={() => onRequest(withoutFilter('all'))}>
          {words.discover.clearFilters}
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
      label={words.discover.author}
      size="sm"
      placeholder={words.discover.authorPlaceholder}
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
      {...(wrong ? { error: words.discover.authorWrong } : {})}
    />
  );
}

/** The active filters; renders nothing without any. */
export function FilterChips({ request, onRequest }: FilterProps) {
  const active = activeFilters(request);
  if (active.length === 0) return null;
  return (
    <ul className="models-chips" aria-label={words.discover.activeFilters}>
      {active.map((name) => {
        const label = chipWords(name, request);
        return (
          <li key={name}>
            <button
              type="button"
              className="models-chip"
              aria-label={words.discover.removeFilter(label)}
              title={words.discover.removeFilter(label)}
              onClick={() => onRequest(withoutFilter(name))}
            >
              {label}
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
      return words.discover.byAuthor(request.author ?? '');
    case 'task':
      return words.discover.tasks[request.task ?? ''] ?? request.task ?? '';
    case 'library':
      return request.library === 'any' ? words.discover.anyFormat : request.library;
    case 'license':
      return licenseName(request.license);
    default:
      return name satisfies never;
  }
}
