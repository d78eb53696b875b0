/** Keeps the end of a growing column in view. A user who has scrolled up stays where they are. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';

export interface Follow {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  /** `away`: the end is out of view. `behind`: and text was added since then. */
  readonly place: 'end' | 'away' | 'behind';
  readonly toEnd: () => void;
  /** Stops following, before the column is scrolled elsewhere. */
  readonly leave: () => void;
}

/** The scroll position of each chat, for as long as the page lives. */
const places = new Map<string, number>();

/**
 * `key` names the column, to restore its scroll position. `amount` is the amount of text: a change of it while the user
 * is away makes the place `behind`.
 */
export function useFollow(key: string, amount: number): Follow {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  /** The amount of text when the end went out of view; null while it is in view. */
  const [leftAt, setLeftAt] = useState<number | null>(null);
  const amountNow = useRef(amount);
  useEffect(() => {
    amountNow.current = amount;
  });

  const toEnd = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    following.current = true;
    element.scrollTop = element.scrollHeight;
    setLeftAt(null);
  }, []);

  const leave = useCallback(() => {
    following.current = false;
  }, []);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const left = places.get(key);
    if (left === undefined) element.scrollTop = element.scrollHeight;
    else {
      element.scrollTop = left;
      following.current = false;
    }
    return () => {
      if (following.current) places.delete(key);
      else places.set(key, element.scrollTop);
    };
  }, [key]);

  useEffect(() => {
    const element = scroller.current;
    const inner = content.current;
    if (!element || !inner) return;
    let lastTop = element.scrollTop;
    let lastHeight = element.scrollHeight;
    const onScroll = (): void => {
      const { scrollTop, scrollHeight, clientHeight } = element;
      const distance = scrollHeight - scrollTop - clientHeight;
      // Scrolling up by any amount stops following. A column that became shorter also scrolls by itself, and does not
      // count.
      if (scrollTop < lastTop - 1 && scrollHeight >= lastHeight && distance > 2) following.current = false;
      else if (distance < 24) following.current = true;
      lastTop = scrollTop;
      lastHeight = scrollHeight;
      const away = !following.current && distance > 80;
      setLeftAt((now) => (away ? (now ?? amountNow.current) : null));
    };
    const grown = new ResizeObserver(() => {
      if (following.current) element.scrollTop = element.scrollHeight;
    });
    element.addEventListener('scroll', onScroll, { passive: true });
    grown.observe(inner);
    grown.observe(element);
    return () => {
      element.removeEventListener('scroll', onScroll);
      grown.disconnect();
    };
  }, [key]);

  return { scroller, content, place: leftAt === null ? 'end' : leftAt === amount ? 'away' : 'behind', toEnd, leave };
}
