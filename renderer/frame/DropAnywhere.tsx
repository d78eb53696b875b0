/** Files that are dropped anywhere in the window: models are added, texts join the message of the open chat, others get a sentence. */
import { FileDown } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { attachFiles } from '../features/chat/composer/attach.ts';
import { importFiles } from '../features/library/imports.ts';
import { navigate, type Route } from '../navigation/router.ts';
import { toast } from '../ui/layers/toast.ts';
import { words } from '../words/words.ts';

export function DropAnywhere({ route }: { route: Route }): ReactNode {
  const [over, setOver] = useState(false);
  const place = useRef(route);
  useEffect(() => {
    place.current = route;
  });
  useEffect(() => {
    // Without these a browser opens the file in place of the page.
    const enter = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      // No element is entered when the pointer leaves the window.
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      take([...(event.dataTransfer?.files ?? [])], place.current);
    };
    const listeners = { dragenter: enter, dragover: enter, dragleave: leave, drop } as const;
    for (const [type, listener] of Object.entries(listeners)) window.addEventListener(type as 'drop', listener);
    return () => {
      for (const [type, listener] of Object.entries(listeners)) window.removeEventListener(type as 'drop', listener);
    };
  }, []);
  if (!over) return null;
  return (
    <div className="drop-layer">
      <div className="layer drop-card">
        <FileDown size={28} strokeWidth={1.5} aria-hidden="true" />
        <strong>{words.library.dropTitle}</strong>
        <span className="secondary">{words.library.dropText}</span>
        {route.screen === 'chat' ? <span className="secondary">{words.library.dropTextFiles}</span> : null}
      </div>
    </div>
  );
}

const hasFiles = ({ dataTransfer }: DragEvent): boolean => /\bFiles\b/.test(dataTransfer?.types.join(' ') ?? '');

function take(files: readonly File[], route: Route): void {
  const models = files.filter(({ name }) => /\.gguf$/i.test(name));
  const others = files.filter((file) => !models.includes(file));
  // The list of the models screen says of each file why it is refused.
  const imported = route.screen === 'models' ? files : models;
  if (imported.length > 0) {
    importFiles(imported);
    if (route.screen !== 'models' || route.tab !== 'local') navigate({ screen: 'models', tab: 'local', repoId: null });
  }
  if (route.screen === 'models' || others.length === 0) return;
  if (route.screen === 'chat') void attachFiles(route.chatId, others);
  else
    for (const { name } of others)
      toast({ text: words.library.notTaken(name), detail: words.library.notTakenText, tone: 'red' });
}
