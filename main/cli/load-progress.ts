/** What a command tells while its model is loaded. */
import type { LoadedModel } from '../../preload/contract/engine.ts';
import type { HeaderNote } from '../../preload/contract/model.ts';
import { noteForTerminal } from './load-notes.ts';
import type { Output } from './output.ts';

export interface LoadProgress {
  /** Takes each state of the model. */
  readonly onLoaded: (model: LoadedModel) => void;
  /** The model answers: what was shown of its load gives way. */
  end(): void;
}

/** Shows a load in a terminal, and warns once of what the load changes in the answers. `withTemplate`: a raw prompt has no turns that a template could write. */
export function createLoadProgress(output: Output, withTemplate: boolean): LoadProgress {
  let areNotesTold = false;
  let isOver = false;
  return {
    onLoaded(model) {
      if (model.status === 'loading' && !isOver)
        return output.status(`Loading ${model.name} ${Math.floor(model.progress * 100)} %`);
      if (areNotesTold || model.status === 'loading' || model.status === 'failed') return;
      areNotesTold = true;
      output.status(null);
      if (!withTemplate) return;
      for (const note of model.notes) {
        const text = noteForTerminal(note);
        if (text !== null) output.warning(text);
      }
    },
    end() {
      if (isOver) return;
      isOver = true;
      output.status(null);
    },
  };
}

/** What is odd in a model's header, for a terminal. */
export function headerNoteForTerminal({ code, field }: HeaderNote): string {
  switch (code) {
    case 'bool_value':
      return `In the header of this file, ${field} is neither true nor false. It is taken as true.`;
    case 'invalid_utf8':
      return `In the header of this file, ${field} is not valid UTF-8 text.`;
    default:
      return code satisfies never;
  }
}
