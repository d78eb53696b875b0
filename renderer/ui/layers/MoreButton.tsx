import { ChevronDown, ChevronRight } from 'lucide-react';
import { Button } from '../controls/Button.tsx';
import { words } from '../../words/words.ts';
import '../controls/controls.css';

/**
 * A button that shows or hides rarely needed controls, and keeps its name while they are shown. It aligns with the text above it, not with
 * the edges of buttons.
 */
export function MoreButton({
  open,
  onOpenChange,
  label = words.ui.more,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  label?: string;
}) {
  return (
    <div className="more-button">
      <Button
        size="sm"
        variant="ghost"
        icon={open ? ChevronDown : ChevronRight}
        aria-expanded={open}
        onClick={() => onOpenChange(!open)}
      >
        {label}
      </Button>
    </div>
  );
}
