import katex from 'katex';
import { useLayoutEffect, useMemo, useRef, type ReactNode } from 'react';
import 'katex/dist/katex.min.css';

/** What a formula may not do: address anything, be larger than a line of text or so, or expand without end. */
const limits = { trust: false, strict: 'ignore', maxSize: 12, maxExpand: 300 } as const;

/** The elements of a formula, built without reading HTML; null where KaTeX refuses it. */
function build(tex: string, display: boolean): DocumentFragment | null {
  const built = document.createDocumentFragment();
  const around = document.createElement('span');
  try {
    katex.render(tex, around, { ...limits, displayMode: display, throwOnError: true });
  } catch {
    return null;
  }
  built.append(...around.childNodes);
  return built;
}

/** A formula. `source` is shown where KaTeX refuses it. */
export function Typeset({ tex, display, source }: { tex: string; display: boolean; source: ReactNode }): ReactNode {
  const element = useRef<HTMLSpanElement>(null);
  const built = useMemo(() => build(tex, display), [tex, display]);
  useLayoutEffect(() => {
    // A copy: React may run an effect twice.
    if (built) element.current?.replaceChildren(built.cloneNode(true));
  }, [built]);
  if (!built) return source;
  return <span ref={element} className={display ? 'chat-tex chat-tex-display' : 'chat-tex'} />;
}
