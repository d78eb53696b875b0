/**
 * The menu of suggestions, above the field. The focus stays in the field, which names the active option: a text field with
 * `aria-activedescendant` is what ARIA allows for several lines, where the role `combobox` is for one.
 */
import { useEffect, useRef, type ReactNode } from 'react';
import { words } from '../../../../words/words.ts';
import type { TriggerKind } from './trigger.ts';
import type { Suggestions } from './use-suggestions.ts';
import './suggestions.css';

const titleOf = (kind: TriggerKind): string => {
  switch (kind) {
    case 'prompt':
      return words.suggestions.prompts;
    case 'model':
      return words.suggestions.models;
    case 'source':
      return words.suggestions.sources;
    default:
      return kind satisfies never;
  }
};

/** The attributes by which the field tells of the menu. */
export function suggestionAttributes({ listId, open }: Suggestions): {
  readonly 'aria-autocomplete': 'list';
  readonly 'aria-controls'?: string;
  readonly 'aria-activedescendant'?: string;
} {
  if (open === null) return { 'aria-autocomplete': 'list' };
  return {
    'aria-autocomplete': 'list',
    'aria-controls': listId,
    'aria-activedescendant': `${listId}-${open.items[open.active]?.id ?? ''}`,
  };
}

export function SuggestionList({ suggestions }: { suggestions: Suggestions }): ReactNode {
  const { listId, open, activate, choose } = suggestions;
  return (
    <>
      <div className="visually-hidden" role="status">
        {open === null ? '' : words.suggestions.spoken(open.items.length, titleOf(open.kind))}
      </div>
      {open === null ? null : (
        <div className="suggestions-place">
          <div className="layer suggestions">
            <div className="menu-heading" aria-hidden="true">
              {titleOf(open.kind)}
            </div>
            <ul role="listbox" id={listId} aria-label={titleOf(open.kind)}>
              {open.items.map((item, index) => (
                <Option
                  key={item.id}
                  id={`${listId}-${item.id}`}
                  isActive={index === open.active}
                  onActivate={() => activate(index)}
                  onChoose={() => choose(item)}
                >
                  <item.icon size={15} aria-hidden="true" />
                  <span className="suggestion-label truncate">
                    <bdi>{item.label}</bdi>
                  </span>
                  <span className="suggestion-detail truncate">
                    <bdi>{item.detail}</bdi>
                  </span>
                </Option>
              ))}
            </ul>
          </div>
        </div>
      )}
    </>
  );
}

interface OptionProps {
  readonly id: string;
  readonly isActive: boolean;
  readonly onActivate: () => void;
  readonly onChoose: () => void;
  readonly children: ReactNode;
}

function Option({ id, isActive, onActivate, onChoose, children }: OptionProps): React.JSX.Element {
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isActive) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isActive]);
  return (
    <li
      ref={row}
      id={id}
      role="option"
      aria-selected={isActive}
      className="suggestion"
      onPointerMove={onActivate}
      // The field keeps the focus.
      onPointerDown={(event) => event.preventDefault()}
      onClick={onChoose}
    >
      {children}
    </li>
  );
}
