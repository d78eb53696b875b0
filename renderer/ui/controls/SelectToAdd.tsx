import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from './Button.tsx';
import { Select, type SelectOption } from './Select.tsx';
import './controls.css';

/** Selects one of `options` to add to a list. The caller removes an added one from the options. */
export function SelectToAdd({
  label,
  placeholder,
  addLabel,
  options,
  onAdd,
}: {
  label: string;
  placeholder: string;
  /** The text of the button that adds. */
  addLabel: string;
  options: readonly SelectOption<string>[];
  onAdd: (value: string) => void;
}) {
  const [picked, setPicked] = useState('');
  return (
    <div className="row select-to-add">
      <Select
        label={label}
        labelHidden
        size="sm"
        placeholder={placeholder}
        value={picked}
        options={options}
        onChange={setPicked}
      />
      <Button
        icon={Plus}
        size="sm"
        disabled={picked === ''}
        onClick={() => {
          onAdd(picked);
          setPicked('');
        }}
      >
        {addLabel}
      </Button>
    </div>
  );
}
