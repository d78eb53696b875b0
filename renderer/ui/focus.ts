/** The focus of layers: where it goes when one opens, and where it returns to when it closes. */
import { useRef } from 'react';

/** More than a menu with its items takes, so that the element before them is still known. */
const TRAIL_LENGTH = 40;

/** The elements that had the focus last, the newest at the end. */
let trail: readonly HTMLElement[] = [];
document.addEventListener('focusin', ({ target }) => {
  if (!(target instanceof HTMLElement)) return;
  trail = [...trail.filter((element) => element !== target && element.isConnected), target].slice(-TRAIL_LENGTH);
});

interface LayerFocus {
  readonly onOpenAutoFocus: (event: Event) => void;
  readonly onCloseAutoFocus: (event: Event) => void;
}

/**
 * Handlers of a modal layer without a trigger. When it closes, the focus returns to the element that had it before; if
 * that is gone, as an item of a menu is, to the one before it. A focus that has moved elsewhere stays there.
 */
export function useLayerFocus(): LayerFocus {
  const before = useRef<readonly HTMLElement[]>([]);
  return {
    onOpenAutoFocus(event) {
      before.current = trail;
      focusOnOpen(event);
    },
    onCloseAutoFocus(event) {
      event.preventDefault();
      if (document.activeElement !== null && document.activeElement !== document.body) return;
      const there = before.current.findLast((element) => isStaying(element) && element.checkVisibility());
      (there ?? document.querySelector<HTMLElement>('main'))?.focus({ preventScroll: true });
    },
  };
}

/** A menu that was closed is shown until its animation has ended, and takes the focus with it. */
const isStaying = (element: HTMLElement): boolean =>
  element.isConnected && element.closest('.layer[data-state="closed"]') === null;

/**
 * Sets the focus when a layer opens: to the element marked with `data-autofocus`, else to the first field, else to
 * content that scrolls, else to the layer itself. Its first button is skipped, because that would be "Close" with its tooltip.
 */
export function focusOnOpen(event: Event): void {
  const layer = event.target;
  if (!(layer instanceof HTMLElement)) return;
  event.preventDefault();
  const field = 'input:not([type=hidden]):not(:disabled), textarea:not(:disabled)';
  const wanted =
    layer.querySelector<HTMLElement>('[data-autofocus]') ??
    layer.querySelector<HTMLElement>(field) ??
    layer.querySelector<HTMLElement>('[data-scrolls]') ??
    layer;
  wanted.focus({ preventScroll: true });
}
