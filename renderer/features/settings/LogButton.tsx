import { ScrollText } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { SystemInfo } from '../../../preload/contract/system.ts';
import { attempt } from '../../connection/attempt.ts';
import { useQuery } from '../../connection/live.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Dialog } from '../../ui/layers/Dialog.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { words } from '../../words/words.ts';

/** Opens the log: the file itself in the desktop app, its last lines in a browser, which cannot open files. */
export function LogButton({ shell }: { shell: SystemInfo['shell'] }) {
  const [shown, setShown] = useState(false);
  const isDesktop = shell === 'electron';
  return (
    <>
      <Button
        size="sm"
        icon={ScrollText}
        onClick={() => (isDesktop ? void attempt('system.openLog', {}) : setShown(true))}
      >
        {isDesktop ? words.settings.log.showFile : words.settings.log.show}
      </Button>
      {shown && <LogDialog onClose={() => setShown(false)} />}
    </>
  );
}

function LogDialog({ onClose }: { onClose: () => void }) {
  const log = useQuery('system.log', {});
  const box = useRef<HTMLPreElement>(null);
  const lines = log.value?.lines;
  // The newest lines are at the end.
  useEffect(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [lines]);
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      size="lg"
      title={words.settings.log.title}
      description={words.settings.log.text}
      footer={
        <CopyButton label={words.settings.log.copy} disabled={!lines?.length} text={() => lines?.join('\n') ?? ''} />
      }
    >
      {log.status === 'error' && <ErrorCard error={log.error} onRetry={log.retry} compact />}
      {log.status === 'loading' && <Skeleton lines={5} />}
      {lines?.length === 0 && <p className="secondary">{words.settings.log.empty}</p>}
      {lines !== undefined && lines.length > 0 && (
        <pre
          className="code-box settings-log"
          role="region"
          aria-label={words.settings.log.lines}
          tabIndex={0}
          ref={box}
        >
          {lines.join('\n')}
        </pre>
      )}
    </Dialog>
  );
}
