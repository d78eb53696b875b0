import { WifiOff } from 'lucide-react';
import { useQuery } from '../../connection/live.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { formatDate, formatRelativeDate } from '../../words/format.ts';
import { words } from '../../words/words.ts';

interface OfflineNoteProps {
  /** The time of the Hub's response; milliseconds since the epoch. */
  readonly cachedAt: number;
  readonly onRetry: () => void;
}

/** Shows that the results are from an earlier day, because the Hub is unreachable or offline mode is on. */
export function OfflineNote({ cachedAt, onRetry }: OfflineNoteProps) {
  const byChoice = useQuery('system.info', {}).value?.offline === true;
  return (
    <div className="models-offline" role="status">
      <WifiOff size={14} aria-hidden />
      <span title={formatDate(cachedAt)}>{words.discover.offlineNote(byChoice, formatRelativeDate(cachedAt))}</span>
      {!byChoice && (
        <Button size="sm" variant="ghost" onClick={onRetry}>
          {words.ui.tryAgain}
        </Button>
      )}
    </div>
  );
}
