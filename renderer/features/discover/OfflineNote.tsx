import { WifiOff } from 'lucide-react';
import { useQuery } from '../../connection/live.ts';
import { Button } from '../../ui/Button.tsx';
import { formatDate, formatRelativeDate } from '../../words/format.ts';

interface OfflineNoteProps {
  /** When the Hub said what is shown; milliseconds since the epoch. */
  readonly cachedAt: number;
  readonly onRetry: () => void;
}

/** Says that what is shown is from an earlier day, because the Hub does not answer or is not to be asked. */
export function OfflineNote({ cachedAt, onRetry }: OfflineNoteProps) {
  const byChoice = useQuery('system.info', {}).value?.offline === true;
  return (
    <div className="models-offline" role="status">
      <WifiOff size={14} aria-hidden />
      <span title={formatDate(cachedAt)}>
        {byChoice ? 'Hearth is kept offline.' : 'The Hub is out of reach.'} This is from {formatRelativeDate(cachedAt)}.
      </span>
      {!byChoice && (
        <Button size="sm" variant="ghost" onClick={onRetry}>
          Retry
        </Button>
      )}
    </div>
  );
}
