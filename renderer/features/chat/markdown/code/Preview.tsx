/**
 * A page, a picture or a diagram that a message has as code. It runs in a frame of an origin of its own that may load nothing and sees nothing of
 * this page (`preview.html`, whose policy is in main/shell/page-files.ts).
 */
import { useEffect, useRef, useState } from 'react';
import mermaidAddress from 'mermaid/dist/mermaid.min.js?url';
import { words } from '../../../../words/words.ts';
import type { PreviewKind } from './preview-kind.ts';

/** A diagram that is not drawn by then is given up: some sources keep the layout busy without end. */
const DRAWING_LIMIT_MS = 10_000;
const HEIGHT = { least: 60, first: 240, most: 640 } as const;

type State = 'waiting' | 'shown' | 'slow' | 'unloaded' | { readonly refused: string };

/** What the frame says. Scripts of the message run in it, so it is believed nothing but a number and a short text. */
function read(data: unknown): { readonly height?: number; readonly refused?: string; readonly ready: boolean } {
  if (typeof data !== 'object' || data === null) return { ready: false };
  const { height, refused, ready } = data as Record<string, unknown>;
  return {
    ready: ready === true,
    ...(typeof height === 'number' && Number.isFinite(height) ? { height } : {}),
    ...(typeof refused === 'string' ? { refused: refused.slice(0, 500) } : {}),
  };
}

let mermaid: Promise<string> | undefined;
/** The text of mermaid: the frame can load nothing, so this page reads it and hands it over. */
function loadMermaid(): Promise<string> {
  mermaid ??= fetch(mermaidAddress).then((response) => {
    if (!response.ok) throw new Error(`mermaid: ${response.status}`);
    return response.text();
  });
  mermaid.catch(() => (mermaid = undefined));
  return mermaid;
}

const isDark = (): boolean => document.documentElement.dataset['theme'] === 'dark';

export function Preview({ kind, source }: { kind: PreviewKind; source: string }): React.JSX.Element {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState<number>(HEIGHT.first);
  const [state, setState] = useState<State>('waiting');

  useEffect(() => {
    let isOver = false;
    const limit = kind === 'mermaid' ? setTimeout(() => setState('slow'), DRAWING_LIMIT_MS) : undefined;
    const hand = async (): Promise<void> => {
      try {
        const library = kind === 'mermaid' ? await loadMermaid() : '';
        // The frame's origin is opaque: no other target can be named.
        if (!isOver) frame.current?.contentWindow?.postMessage({ kind, source, library, dark: isDark() }, '*');
      } catch {
        if (!isOver) setState('unloaded');
      }
    };
    let isHanded = false;
    const onMessage = (event: MessageEvent<unknown>): void => {
      if (event.source !== frame.current?.contentWindow) return;
      const said = read(event.data);
      if (said.ready && !isHanded) {
        isHanded = true;
        void hand();
      }
      if (said.height !== undefined) {
        clearTimeout(limit);
        setHeight(Math.min(HEIGHT.most, Math.max(HEIGHT.least, said.height)));
        setState('shown');
      }
      if (said.refused !== undefined) {
        clearTimeout(limit);
        setState({ refused: said.refused });
      }
    };
    window.addEventListener('message', onMessage);
    return () => {
      isOver = true;
      clearTimeout(limit);
      window.removeEventListener('message', onMessage);
    };
  }, [kind, source]);

  if (state === 'slow') return <NotDrawn why={words.markdown.tooSlow(DRAWING_LIMIT_MS / 1000)} />;
  if (state === 'unloaded') return <NotDrawn why={words.markdown.notLoaded} />;
  if (typeof state === 'object') return <NotDrawn why={state.refused} />;
  return (
    <div className="chat-preview" data-kind={kind} aria-busy={state === 'waiting'}>
      {state === 'waiting' && kind === 'mermaid' ? (
        <p className="chat-preview-words" role="status">
          {words.markdown.drawing}
        </p>
      ) : null}
      <iframe
        ref={frame}
        src="./preview.html"
        title={words.markdown.preview[kind]}
        sandbox="allow-scripts"
        referrerPolicy="no-referrer"
        style={{ blockSize: height }}
      />
    </div>
  );
}

function NotDrawn({ why }: { why: string }): React.JSX.Element {
  return (
    <div className="chat-preview chat-preview-failed" role="alert">
      <p>{words.markdown.notDrawn}</p>
      <p className="secondary mono">{why}</p>
    </div>
  );
}
