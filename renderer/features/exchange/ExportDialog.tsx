import { useEffect, useRef, useState } from 'react';
import type { ExportFormat } from '../../../preload/contract/exchange.ts';
import type { AppError } from '../../../preload/wire/errors.ts';
import { toAppError } from '../../connection/live.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { Button } from '../../ui/controls/Button.tsx';
import { RadioCards } from '../../ui/controls/RadioCards.tsx';
import { Switch } from '../../ui/controls/Switch.tsx';
import { ProgressBar } from '../../ui/display/ProgressBar.tsx';
import { Dialog } from '../../ui/layers/Dialog.tsx';
import { toast } from '../../ui/layers/toast.ts';
import { words } from '../../words/words.ts';
import { exportChats, type ExportProgress } from './export-chats.ts';

const formats: readonly ExportFormat[] = ['markdown', 'json', 'html', 'text'];

/** The choice of a form, and the export itself. */
export function ExportDialog({
  chatIds,
  title,
  onClose,
}: {
  readonly chatIds: readonly string[] | null;
  readonly title: string | null;
  readonly onClose: () => void;
}) {
  const [format, setFormat] = useState<ExportFormat>('markdown');
  const [reasoning, setReasoning] = useState(true);
  const [archive, setArchive] = useState(false);
  const [progress, setProgress] = useState<ExportProgress | null>(null);
  const [error, setError] = useState<AppError | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => {
    return () => running.current?.abort();
  }, []);
  const isSingle = chatIds?.length === 1;

  const start = async (): Promise<void> => {
    const abort = (running.current = new AbortController());
    setError(null);
    setProgress({ doneChats: 0, chatCount: 0 });
    try {
      const choice = { chatIds, format, reasoning, archive: archive && !isSingle };
      const result = await exportChats(choice, setProgress, abort.signal);
      if (abort.signal.aborted) return;
      if (result !== null) {
        const { leftOutFiles } = result;
        toast({
          tone: 'green',
          text: words.exchange.exported(result.fileName),
          ...(leftOutFiles === 0 ? {} : { detail: words.exchange.leftOutFiles(leftOutFiles) }),
        });
        onClose();
      }
    } catch (cause) {
      if (!abort.signal.aborted) setError(toAppError(cause));
    } finally {
      if (running.current === abort) setProgress(null);
    }
  };
  const stop = (): void => {
    running.current?.abort();
    running.current = null;
    setProgress(null);
  };

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={titleOf(chatIds, title)}
      footer={
        progress === null ? (
          <>
            <Button onClick={onClose}>{words.exchange.cancel}</Button>
            <Button variant="primary" onClick={() => void start()}>
              {words.exchange.export}
            </Button>
          </>
        ) : (
          <Button onClick={stop}>{words.exchange.cancel}</Button>
        )
      }
    >
      <div className="stack">
        <RadioCards
          label={words.exchange.form}
          value={format}
          onChange={setFormat}
          disabled={progress !== null}
          options={formats.map((value) => ({ value, ...words.exchange.forms[value] }))}
        />
        {format === 'json' ? null : (
          <Switch
            label={words.exchange.reasoning}
            checked={reasoning}
            onChange={setReasoning}
            disabled={progress !== null}
          />
        )}
        {isSingle ? null : format === 'json' ? (
          <Switch
            label={words.exchange.archive}
            hint={words.exchange.archiveHint}
            checked={archive}
            onChange={setArchive}
            disabled={progress !== null}
          />
        ) : (
          <p className="secondary">{words.exchange.several}</p>
        )}
        {progress === null ? null : <Progress {...progress} label={words.exchange.exporting} />}
        {error === null ? null : <ErrorCard error={error} compact />}
      </div>
    </Dialog>
  );
}

function titleOf(chatIds: readonly string[] | null, title: string | null): string {
  if (chatIds === null) return words.exchange.exportTitle;
  return chatIds.length === 1 && title !== null
    ? words.exchange.exportOne(title)
    : words.exchange.exportSome(chatIds.length);
}

/** A bar with how many chats of how many. */
export function Progress({ doneChats, chatCount, label }: ExportProgress & { readonly label: string }) {
  const text = words.exchange.exportedChats(doneChats, chatCount);
  return (
    <div className="exchange-progress">
      <ProgressBar value={chatCount === 0 ? null : doneChats / chatCount} label={label} valueText={text} />
      <span className="secondary num">{chatCount === 0 ? label : text}</span>
    </div>
  );
}
