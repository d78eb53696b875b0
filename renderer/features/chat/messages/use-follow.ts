/** Keeps the end of a growing column in view while the reader is there, and leaves a reader who went up alone. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';

export interface Follow {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  /** `away`: the end is out of view. `behind`: and there is text that was not there when the reader left it. */
  readonly place: 'end' | 'away' | 'behind';
  readonly toEnd: () => void;
  /** Stops following, before the reader is taken elsewhere in the column. */
  readonly leave: () => void;
}

/** Where each chat was left, for as long as the page lives. */
const places = new Map<string, number>();

/**
 * `key` names the column, for coming back to the same place. A change of `amount` (how much text there is) while the reader is away makes
 * the place `behind`.
 */
export function useFollow(key: string, amount: number): Follow {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  /** How much text there was when the end went out of view; null while it is in view. */
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
      // Going up by any amount is leaving; only a column that got shorter moves the reader without being asked.
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
