/** Whose tokenizer: a model on this computer, a checkpoint in the cache, or any repository of the Hub. */
import { useState } from 'react';
import { repoIdSchema } from '../../../preload/contract/hub.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { distinctNames } from '../../parts/models/local-list.ts';
import { useStoredCheckpoints } from '../../parts/convert/use-renewed.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { words } from '../../words/words.ts';

interface SourcePickerProps {
  readonly models: readonly LocalModel[];
  /** The id of a model or of a repository. */
  readonly subject: string | null;
  readonly onChange: (subject: string) => void;
}

/** An option that no id can be. */
const OTHER = ' ';

export function SourcePicker({ models, subject, onChange }: SourcePickerProps) {
  const names = distinctNames(models);
  const checkpoints = useStoredCheckpoints();
  const [isTyping, setIsTyping] = useState(false);
  const known = [
    ...models.map(({ id }) => ({ value: id, label: names.get(id) ?? id })),
    ...checkpoints.map(({ repoId }) => ({ value: repoId, label: repoId })),
  ];
  // A repository of the Hub, or a model that is gone.
  const typed = subject !== null && !known.some(({ value }) => value === subject) ? subject : null;
  return (
    <div className="tokenizer-source">
      <Select
        label={words.tokenizer.of}
        value={isTyping ? OTHER : (subject ?? '')}
        placeholder={words.tokenizer.of}
        options={[
          ...known,
          ...(typed === null ? [] : [{ value: typed, label: typed }]),
          { value: OTHER, label: words.tokenizer.otherRepository },
        ]}
        onChange={(value) => {
          setIsTyping(value === OTHER);
          if (value !== OTHER) onChange(value);
        }}
      />
      {isTyping && (
        <RepositoryField
          onUse={(repoId) => {
            setIsTyping(false);
            onChange(repoId);
          }}
        />
      )}
    </div>
  );
}

function RepositoryField({ onUse }: { readonly onUse: (repoId: string) => void }) {
  const [text, setText] = useState('');
  const [isWrong, setIsWrong] = useState(false);
  const use = (): void => {
    const read = repoIdSchema.safeParse(text.trim().replace(/^https?:\/\/[^/]+\//, ''));
    setIsWrong(!read.success);
    if (read.success) onUse(read.data);
  };
  return (
    <form
      className="tokenizer-repository"
      onSubmit={(event) => {
        event.preventDefault();
        use();
      }}
    >
      <TextField
        label={words.tokenizer.repository}
        hint={words.tokenizer.repositoryHint}
        error={isWrong ? words.tokenizer.repositoryWrong : undefined}
        placeholder={words.tokenizer.repositoryPlaceholder}
        autoComplete="off"
        spellCheck={false}
        autoFocus
        dir="ltr"
        maxLength={300}
        value={text}
        onChange={(next) => {
          setText(next);
          setIsWrong(false);
        }}
      />
      <Button type="submit" disabled={text.trim() === ''}>
        {words.tokenizer.use}
      </Button>
    </form>
  );
}
