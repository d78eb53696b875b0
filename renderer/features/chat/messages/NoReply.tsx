import { ArrowRight } from 'lucide-react';
import { Button } from '../../../ui/controls/Button.tsx';
import { words } from '../../../words/words.ts';

/** Below a message whose reply was deleted, or that never had one. */
export function NoReply({ onWrite }: { onWrite: () => void }): React.JSX.Element {
  return (
    <p className="chat-no-reply">
      {words.versions.noReply}
      <Button size="sm" variant="ghost" icon={ArrowRight} onClick={onWrite}>
        {words.versions.writeReply}
      </Button>
    </p>
  );
}
