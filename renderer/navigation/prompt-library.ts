/** The prompt library and a prompt that is to be inserted. Its sheet lies above the screens, and any feature may open it. */
import { createLayerState } from './layer-state.ts';

export type PromptLibraryView =
  | { readonly view: 'list' }
  /** `promptId` null: a new prompt, with this text. `isAlone`: the editor was opened without the list, and closes the sheet. */
  | { readonly view: 'editor'; readonly promptId: string | null; readonly text: string; readonly isAlone: boolean };

const sheet = createLayerState<PromptLibraryView | null>(null);
const asked = createLayerState<string | null>(null);

export function openPromptLibrary(): void {
  sheet.set({ view: 'list' });
}

/** Opens the form of a new prompt with a text, as of the message that is being written. */
export function openNewPrompt(text: string): void {
  sheet.set({ view: 'editor', promptId: null, text, isAlone: true });
}

/** Shows another view of the sheet; null closes it. */
export function showPromptLibrary(view: PromptLibraryView | null): void {
  sheet.set(view);
}

export function usePromptLibrary(): PromptLibraryView | null {
  return sheet.useValue();
}

/** Asks the composer to insert a prompt; null: it has taken it. */
export function askForPrompt(promptId: string | null): void {
  asked.set(promptId);
}

/** The prompt that the composer is to insert, or null. */
export function useAskedPrompt(): string | null {
  return asked.useValue();
}
