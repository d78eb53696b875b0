/** The one door for links of texts that somebody else wrote. The frame asks, and shows where a link goes. */
import { createLayerState } from './layer-state.ts';

export interface LinkToOpen {
  /** An address that `addressOf` lets through. */
  readonly href: string;
  /** What the link says. */
  readonly text: string;
}

const asked = createLayerState<LinkToOpen | null>(null);

/** Asks whether the link is to be opened. */
export function openLink(link: LinkToOpen): void {
  asked.set(link);
}

export const closeLinkQuestion = (): void => asked.set(null);

/** The link that is asked about; null without one. */
export function useLinkToOpen(): LinkToOpen | null {
  return asked.useValue();
}
