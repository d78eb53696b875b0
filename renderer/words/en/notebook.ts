/** The notebook: free text that a model continues. */
import { formatInteger } from '../format.ts';
import type { ErrorWords } from './error-facts.ts';

/** Words for the reasons of its errors. */
export const notebookErrors = {
  not_found: {
    document: { title: 'This document is no longer here', text: 'It was deleted, perhaps in another window.' },
  },
  unsupported: {
    no_infill: {
      title: 'This model cannot fill in',
      text: 'It was not trained to write between two texts. Generate from the cursor, or choose a model for code, such as Qwen2.5 Coder.',
    },
  },
  invalid_input: {
    edit_place: 'The edit does not match the text. Reload the page.',
    document_too_long: ({ limit }) => `A document has at most ${formatInteger(Number(limit))} characters.`,
  },
} satisfies Record<string, NonNullable<ErrorWords['reasons']>>;
