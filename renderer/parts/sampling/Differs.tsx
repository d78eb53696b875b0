import { RotateCcw } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Sampling } from '../../../preload/contract/chat.ts';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { differs, withDefault, type OptionKey } from './sampling-differences.ts';
import { words } from '../../words/words.ts';
import '../../ui/controls/controls.css';

interface DiffersProps {
  /** The name of the control. */
  readonly name: string;
  readonly of: OptionKey;
  readonly value: Sampling;
  readonly defaults: Sampling | undefined;
  readonly onCommit: (value: Sampling) => void;
  readonly disabled: boolean;
  readonly children: ReactNode;
}

/** A control of the sampling, with a mark and a reset below it while its value is not the default. */
export function Differs({ name, of, value, defaults, onCommit, disabled, children }: DiffersProps) {
  const isMarked = defaults !== undefined && differs(value, defaults, of);
  return (
    <div className="differs" data-differs={isMarked || undefined}>
      {children}
      {isMarked ? (
        <p className="differs-mark">
          {words.sampling.differs}
          <IconButton
            label={words.sampling.resetOne(name)}
            icon={RotateCcw}
            size="sm"
            disabled={disabled}
            onClick={() => onCommit(withDefault(value, defaults, of))}
          />
        </p>
      ) : null}
    </div>
  );
}
