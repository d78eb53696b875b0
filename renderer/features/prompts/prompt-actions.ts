/** Acts on prompts of the library. A failure shows in a toast; a success shows in the watched list. */
import type { PromptForm, PromptImport } from '../../../preload/contract/prompts.ts';
import { MAX_PROMPTS_FILE } from '../../../preload/contract/prompt-limits.ts';
import { attempt } from '../../connection/attempt.ts';
import { dismissSubject, toast } from '../../ui/layers/toast.ts';
import { saveText } from '../../ui/save-text.ts';
import { words } from '../../words/words.ts';

/** What an act did, with the way back. It is shown in the sheet, whose keys a toast outside of it does not get, and as a toast. */
export interface Done {
  readonly text: string;
  readonly detail?: string;
  /** How long it can be undone. */
  readonly ms: number;
  readonly undo: (() => void) | null;
}

function told(done: Done): Done {
  const { text, detail, ms, undo } = done;
  toast({
    ...{ text, subject: 'prompts' },
    ...(detail === undefined ? {} : { detail }),
    ...(undo ? { ms, action: { label: words.ui.undo, run: undo } } : {}),
  });
  return done;
}

/** Deletes a prompt. Null where that failed. */
export async function deletePrompt({ id, name }: { readonly id: string; readonly name: string }): Promise<Done | null> {
  const deleted = await attempt('prompts.delete', { promptIds: [id] });
  if (!deleted) return null;
  return told({ text: words.prompts.deleted(name), ms: deleted.undoMs, undo: () => void undoDelete(id) });
}

async function undoDelete(promptId: string): Promise<void> {
  dismissSubject('prompts');
  const back = await attempt('prompts.undoDelete', { promptIds: [promptId] });
  if (back?.restored === false) toast({ text: words.prompts.tooLate, tone: 'red' });
}

/** Saves all prompts as a file. */
export async function exportPrompts(form: PromptForm, count: number): Promise<void> {
  const file = await attempt('prompts.export', { form });
  if (!file) return;
  saveText(
    form === 'hearth' ? words.prompts.exportName : words.prompts.exportNameOpenWebUi,
    file.text,
    'application/json',
  );
  toast({ text: words.prompts.exported(count) });
}

/** Adds the prompts of a file, and says what came over and what did not. Null where nothing was read. */
export async function importPrompts(file: File): Promise<Done | null> {
  const { fileTooLarge, fileTooLargeText, fileUnreadable } = words.prompts;
  // A character of a file takes three bytes at most for each unit of its text.
  const text = file.size > MAX_PROMPTS_FILE * 3 ? undefined : await file.text().catch(() => null);
  if (text === null) toast({ text: fileUnreadable(file.name), tone: 'red' });
  else if (text === undefined || text.length > MAX_PROMPTS_FILE)
    toast({ text: fileTooLarge(file.name), detail: fileTooLargeText, tone: 'red' });
  else {
    const report = await attempt('prompts.import', { text });
    if (report) return told(doneOf(report));
  }
  return null;
}

function doneOf({ added, same, renamed, refused }: PromptImport): Done {
  const { imported, importSame, importRenamed, importRefused } = words.prompts;
  const details = [
    ...(same > 0 ? [importSame(same)] : []),
    ...(renamed > 0 ? [importRenamed(renamed)] : []),
    ...Object.entries(refused).map(([reason, count]) => importRefused[reason as keyof typeof importRefused](count)),
  ];
  return {
    text: imported(added.length),
    ...(details.length > 0 ? { detail: details.join(' ') } : {}),
    ms: 10_000,
    undo:
      added.length === 0
        ? null
        : () => {
            dismissSubject('prompts');
            void attempt('prompts.delete', { promptIds: [...added] });
          },
  };
}

/** Adds a few prompts for a start. */
export async function addExamples(): Promise<void> {
  for (const { name, description, text } of words.prompts.examples)
    if (!(await attempt('prompts.save', { promptId: null, name, description, text }))) return;
}
