/** The search field: it searches 250 ms after the last key, and at once on Enter and for a pasted address. */
import { Search, X } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { Spinner } from '../../ui/display/Spinner.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { namesOneRepository } from './search-request.ts';
import { words } from '../../words/words.ts';

const DEBOUNCE_MS = 250;

interface SearchFieldProps {
  readonly query: string;
  /** A request is pending. */
  readonly busy: boolean;
  readonly onQuery: (query: string) => void;
  /** Enter, or a pasted address: a single hit is opened. */
  readonly onSubmit: (query: string) => void;
  readonly onArrowDown: () => void;
}

export function SearchField({ query, busy, onQuery, onSubmit, onArrowDown }: SearchFieldProps) {
  const [text, setText] = useState(query);
  const [committed, setCommitted] = useState(query);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pasted = useRef(false);
  const field = useRef<HTMLInputElement>(null);

  // The query can also be changed by the screen ("look for a GGUF version"); later typing takes precedence.
  if (query !== committed) {
    setCommitted(query);
    if (query !== text.trim()) setText(query);
  }

  useEffect(() => {
    return () => clearTimeout(timer.current);
  }, []);

  const change = (next: string): void => {
    setText(next);
    clearTimeout(timer.current);
    if (pasted.current && namesOneRepository(next)) onSubmit(next.trim());
    else timer.current = setTimeout(() => onQuery(next.trim()), next === '' ? 0 : DEBOUNCE_MS);
    pasted.current = false;
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Enter') {
      clearTimeout(timer.current);
      onSubmit(text.trim());
    } else if (event.key === 'Escape' && text !== '') {
      event.stopPropagation();
      change('');
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      onArrowDown();
    }
  };

  return (
    <TextField
      ref={field}
      type="search"
      label={words.discover.search}
      labelHidden
      placeholder={words.discover.searchPlaceholder}
      icon={Search}
      value={text}
      onChange={change}
      onKeyDown={onKeyDown}
      onPaste={() => {
        pasted.current = true;
      }}
      autoComplete="off"
      spellCheck={false}
      maxLength={300}
      end={
        <>
          {busy && (
            <span className="models-search-busy">
              <Spinner size={14} label={words.discover.searching} />
            </span>
          )}
          {text !== '' && (
            <IconButton
              label={words.discover.clearSearch}
              icon={X}
              size="sm"
              onClick={() => {
                change('');
                field.current?.focus();
              }}
            />
          )}
        </>
      }
    />
  );
}
