import { Check, Copy } from 'lucide-react';
import { Button, type ButtonProps } from './Button.tsx';
import { IconButton } from './IconButton.tsx';
import { useCopy } from '../use-copy.ts';
import { words } from '../../words/words.ts';

interface CopyProps {
  readonly label: string;
  /** Called for the text when the button is clicked. */
  readonly text: () => string;
}

/** A button with text that copies, and shows a confirmation for a moment. */
export function CopyButton({
  label,
  text,
  size = 'md',
  disabled = false,
}: CopyProps & Pick<ButtonProps, 'size' | 'disabled'>) {
  const { copied, copy } = useCopy();
  return (
    <Button size={size} icon={copied ? Check : Copy} disabled={disabled} onClick={() => copy(text())}>
      {copied ? words.ui.copied : label}
    </Button>
  );
}

/** The same with an icon only. */
export function CopyIconButton({ label, text }: CopyProps) {
  const { copied, copy } = useCopy();
  return (
    <IconButton
      label={copied ? words.ui.copied : label}
      icon={copied ? Check : Copy}
      size="sm"
      onClick={() => copy(text())}
    />
  );
}
