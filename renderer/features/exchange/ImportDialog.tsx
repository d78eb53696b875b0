import { FileUp } from 'lucide-react';
import { useEffect, useRef, useState, type DragEvent } from 'react';
import type { CountedKind, ImportPreview } from '../../../preload/contract/exchange.ts';
import { isAppError, type AppError } from '../../../preload/wire/errors.ts';
import { client } from '../../connection/api.ts';
import { attempt } from '../../connection/attempt.ts';
import { toAppError } from '../../connection/live.ts';
import { navigate } from '../../navigation/router.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { Button } from '../../ui/controls/Button.tsx';
import { Switch } from '../../ui/controls/Switch.tsx';
import { Badge } from '../../ui/display/Badge.tsx';
import { ProgressBar } from '../../ui/display/ProgressBar.tsx';
import { Dialog } from '../../ui/layers/Dialog.tsx';
import { toast } from '../../ui/layers/toast.ts';
import { formatList, formatRelativeDate } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import { Progress } from './ExportDialog.tsx';
import { sendFile } from './send-file.ts';

type Step =
  | { readonly at: 'choose'; readonly error: AppError | null }
  | { readonly at: 'reading'; readonly name: string; readonly share: number }
  | { readonly at: 'look'; readonly preview: ImportPreview; readonly error: AppError | null }
  | { readonly at: 'importing'; readonly doneChats: number; readonly chatCount: number };

const first: Step = { at: 'choose', error: null };

/** The choice of a file, what is in it, and the import. */
export function ImportDialog({ onClose }: { readonly onClose: () => void }) {
  const [step, setStep] = useState<Step>(first);
  const [skips, setSkips] = useState(true);
  const running = useRef<AbortController | null>(null);
  /** What main has read and not stored. */
  const read = useRef<string | null>(null);
  const forget = (): void => {
    running.current?.abort();
    const importId = read.current;
    read.current = null;
    if (importId !== null) void client.call('exchange.discard', { importId }).catch(() => {});
  };
  useEffect(() => {
    return forget;
  }, []);

  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    forget();
    const abort = (running.current = new AbortController());
    setStep({ at: 'reading', name: file.name, share: 0 });
    try {
      const onSent = (share: number): void => setStep({ at: 'reading', name: file.name, share });
      const preview = await sendFile(file, onSent, abort.signal);
      read.current = preview.importId;
      setStep({ at: 'look', preview, error: null });
    } catch (cause) {
      if (running.current === abort)
        setStep({ at: 'choose', error: isAppError(cause, 'cancelled') ? null : toAppError(cause) });
    }
  };

  const store = async (preview: ImportPreview): Promise<void> => {
    const abort = (running.current = new AbortController());
    const { importId } = preview;
    read.current = null;
    setStep({ at: 'importing', doneChats: 0, chatCount: preview.chatCount });
    try {
      const input = { importId, skipDuplicates: skips };
      for await (const event of client.stream('exchange.import', input, { signal: abort.signal })) {
        if (event.type === 'progress') setStep({ at: 'importing', ...event });
        else tellEnd(importId, event);
      }
      onClose();
    } catch (cause) {
      if (!abort.signal.aborted) setStep({ at: 'choose', error: toAppError(cause) });
    }
  };
  const back = (): void => {
    forget();
    setStep(first);
  };
  const chatCount = step.at === 'look' ? step.preview.chatCount - (skips ? step.preview.duplicateCount : 0) : 0;

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.exchange.importTitle}
      {...(step.at === 'choose' ? { description: words.exchange.importText } : {})}
      size="lg"
      footer={
        step.at === 'look' ? (
          <>
            <Button onClick={back}>{words.exchange.other}</Button>
            <Button variant="primary" disabled={chatCount === 0} onClick={() => void store(step.preview)}>
              {words.exchange.import(chatCount)}
            </Button>
          </>
        ) : (
          <Button onClick={step.at === 'choose' ? onClose : back}>{words.exchange.cancel}</Button>
        )
      }
    >
      <Body step={step} skips={skips} onSkips={setSkips} onFile={(file) => void take(file)} />
    </Dialog>
  );
}

interface BodyProps {
  readonly step: Step;
  readonly skips: boolean;
  readonly onSkips: (skips: boolean) => void;
  readonly onFile: (file: File | undefined) => void;
}

function Body({ step, skips, onSkips, onFile }: BodyProps) {
  switch (step.at) {
    case 'choose':
      return (
        <div className="stack">
          {step.error === null ? null : <ErrorCard error={step.error} compact />}
          <Chooser onFile={onFile} />
        </div>
      );
    case 'reading':
      return (
        <div className="exchange-progress">
          <ProgressBar value={step.share < 1 ? step.share : null} label={words.exchange.reading(step.name)} />
          <span className="secondary">{words.exchange.reading(step.name)}</span>
        </div>
      );
    case 'look':
      return <Preview preview={step.preview} skips={skips} onSkips={onSkips} />;
    case 'importing':
      return <Progress {...step} label={words.exchange.importing} />;
    default:
      return step satisfies never;
  }
}

function Chooser({ onFile }: { readonly onFile: (file: File | undefined) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    // The window takes dropped files as well.
    event.stopPropagation();
    setOver(false);
    onFile(event.dataTransfer.files[0]);
  };
  return (
    <div
      className="exchange-drop"
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <FileUp size={28} strokeWidth={1.5} aria-hidden="true" />
      <Button variant="primary" onClick={() => input.current?.click()}>
        {words.exchange.choose}
      </Button>
      <span className="secondary">{words.exchange.dropHere}</span>
      <input
        ref={input}
        type="file"
        accept=".json,.jsonl,.zip,.chat"
        hidden
        aria-label={words.exchange.chooseInput}
        onChange={(event) => {
          onFile(event.target.files?.[0]);
          event.target.value = '';
        }}
      />
    </div>
  );
}

function Preview({
  preview,
  skips,
  onSkips,
}: { readonly preview: ImportPreview } & Pick<BodyProps, 'skips' | 'onSkips'>) {
  const { samples, chatCount, duplicateCount, leftOut } = preview;
  const formats = formatList(preview.formats.map(({ format }) => words.exchange.formats[format]));
  return (
    <div className="stack">
      <p className="exchange-from">
        <span className="truncate">{words.exchange.foundIn(preview.fileName)}</span>
        <Badge>{formats}</Badge>
      </p>
      <div className="exchange-report">
        <Counts title={words.exchange.cameOver} counts={preview.cameOver} say={words.exchange.cameOverCount} />
        <Counts
          title={words.exchange.leftOut}
          counts={leftOut}
          say={words.exchange.leftOutCount}
          none={words.exchange.nothingLeftOut}
        />
      </div>
      {duplicateCount > 0 ? (
        <Switch label={words.exchange.skipDuplicates(duplicateCount)} checked={skips} onChange={onSkips} />
      ) : null}
      <section aria-label={words.exchange.samples}>
        <h3 className="exchange-head">{words.exchange.samples}</h3>
        <ul className="exchange-chats">
          {samples.map(({ title, messageCount, updatedAt, isDuplicate }, index) => (
            <li key={index}>
              <span className="truncate" dir="auto">
                {title}
              </span>
              <span className="secondary num">
                {isDuplicate ? words.exchange.isHere : words.exchange.messages(messageCount)}
              </span>
              <span className="secondary num">{formatRelativeDate(updatedAt)}</span>
            </li>
          ))}
        </ul>
        {chatCount > samples.length ? (
          <p className="secondary">{words.exchange.more(chatCount - samples.length)}</p>
        ) : null}
      </section>
    </div>
  );
}

function Counts<Kind extends string>({
  title,
  counts,
  say,
  none,
}: {
  readonly title: string;
  readonly counts: readonly CountedKind<Kind>[];
  readonly say: (kind: Kind, count: number) => string;
  readonly none?: string;
}) {
  return (
    <section aria-label={title}>
      <h3 className="exchange-head">{title}</h3>
      {counts.length === 0 ? <p className="secondary">{none}</p> : null}
      <ul className="exchange-counts">
        {counts.map(({ kind, count, examples }) => (
          <li key={kind}>
            {say(kind, count)}
            {examples.length > 0 ? <span className="secondary exchange-examples">{formatList(examples)}</span> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Says what was added, with the way back. */
function tellEnd(
  importId: string,
  { addedChats, skippedChats, firstChatId }: { addedChats: number; skippedChats: number; firstChatId: string | null },
): void {
  toast({
    tone: 'green',
    text: words.exchange.imported(addedChats),
    detail: words.exchange.skipped(skippedChats),
    ...(addedChats === 0 ? {} : { action: { label: words.ui.undo, run: () => void undo(importId) } }),
  });
  if (firstChatId !== null) navigate({ screen: 'chat', chatId: firstChatId });
}

async function undo(importId: string): Promise<void> {
  const result = await attempt('exchange.undoImport', { importId });
  if (!result) return;
  navigate({ screen: 'chat', chatId: null }, { replace: true });
  toast({
    text: words.exchange.takenBack(result.removedChats),
    ...(result.keptChats === 0 ? {} : { detail: words.exchange.keptChats(result.keptChats) }),
  });
}
