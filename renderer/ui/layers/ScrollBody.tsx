import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';

/** The content of a layer. While it is higher than its place it takes the focus, so that arrow keys scroll it. */
export function ScrollBody({ title, className, children }: { title: string; className: string; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);
  // Before the layer sets its focus, which goes here.
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = (): void => setScrolls(element.scrollHeight > element.clientHeight);
    const watcher = new ResizeObserver(look);
    watcher.observe(element);
    for (const child of element.children) watcher.observe(child);
    look();
    return () => watcher.disconnect();
  }, []);
  return (
    <div
      ref={box}
      className={className}
      {...(scrolls ? { tabIndex: 0, role: 'group', 'aria-label': title, 'data-scrolls': true } : {})}
    >
      {children}
    </div>
  );
}
