/** What the sheet of exports and imports is open for. It lies above the screens, and any feature may open it. */
import { createLayerState } from './layer-state.ts';

export type ExchangeSubject =
  /** `chatIds` is null for all chats; `title` names a single one. */
  | { readonly kind: 'export'; readonly chatIds: readonly string[] | null; readonly title: string | null }
  | { readonly kind: 'import' };

const sheet = createLayerState<ExchangeSubject | null>(null);

/** Opens the choice of a form for these chats, or for all. */
export function openExport(chatIds: readonly string[] | null, title: string | null = null): void {
  sheet.set({ kind: 'export', chatIds, title });
}

/** Opens the choice of a file with chats. */
export function openImport(): void {
  sheet.set({ kind: 'import' });
}

export function closeExchange(): void {
  sheet.set(null);
}

/** What the sheet is open for, or null. */
export function useExchangeSubject(): ExchangeSubject | null {
  return sheet.useValue();
}
