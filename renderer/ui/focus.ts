/**
 * Sets the focus when a layer opens: to the element marked with `data-autofocus`, else to the first field, else to the
 * layer itself. Its first button is skipped, because that would be "Close" with its tooltip.
 */
export function focusOnOpen(event: Event): void {
  const layer = event.target;
  if (!(layer instanceof HTMLElement)) return;
  event.preventDefault();
  const field = 'input:not([type=hidden]):not(:disabled), textarea:not(:disabled)';
  const wanted =
    layer.querySelector<HTMLElement>('[data-autofocus]') ?? layer.querySelector<HTMLElement>(field) ?? layer;
  wanted.focus({ preventScroll: true });
}
