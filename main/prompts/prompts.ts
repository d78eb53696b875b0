/** The prompt library. The entry of this folder. */
import { randomUUID } from 'node:crypto';
import { MAX_PROMPTS } from '../../preload/contract/prompt-limits.ts';
import {
  type Prompt,
  type PromptContent,
  type PromptForm,
  type PromptImport,
  type PromptsEvent,
  type RefusedPrompt,
} from '../../preload/contract/prompts.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { createFeed } from '../base/feed.ts';
import { UNDO_MS } from '../base/undo.ts';
import { createPromptRecords, type StoredPrompt } from '../store/prompts.ts';
import { emptyJournal, type Store } from '../store/store.ts';
import { freeName, readPromptFile, writePromptFile } from './prompt-file.ts';

export interface PromptsOptions {
  readonly store: Store;
  readonly now?: () => number;
  /** How long a deletion can be undone. */
  readonly undoMs?: number;
}

export interface Prompts {
  watch(signal: AbortSignal): AsyncGenerator<PromptsEvent>;
  /** @throws AppError `not_found`. */
  read(promptId: string): Prompt;
  /** @throws AppError `not_found`, `invalid_input`, `disk.full`. */
  save(promptId: string | null, content: PromptContent): { readonly promptId: string };
  /** @throws AppError `disk.full`. */
  delete(promptIds: readonly string[]): { readonly undoMs: number };
  /** @throws AppError `disk.full`. */
  undoDelete(promptIds: readonly string[]): { readonly restored: boolean };
  /** @throws AppError `invalid_input`, `disk.full`. */
  import(text: string): PromptImport;
  export(form: PromptForm, promptIds?: readonly string[]): { readonly text: string };
}

/** The library over a store. */
export function createPrompts({ store, now = Date.now, undoMs = UNDO_MS }: PromptsOptions): Prompts {
  const records = createPromptRecords(store);
  // Only the newest list counts for a reader that is slow.
  const feed = createFeed<PromptsEvent>((_waiting, next) => next);
  /** Deleted prompts while they can be brought back. They are in no file any more: what is deleted is gone when Hearth ends. */
  const deleted = new Map<string, { readonly prompt: StoredPrompt; readonly timer: NodeJS.Timeout }>();
  const event = (): PromptsEvent => ({ prompts: records.list() });
  const changed = (): void => feed.publish(event());
  const found = (promptId: string): StoredPrompt => {
    const prompt = records.find(promptId);
    if (!prompt) throw new AppError('not_found', 'This prompt is no longer here.');
    return prompt;
  };
  /** The undo time is over: the words leave the journal of the database as well. */
  const forget = (promptId: string): void => {
    deleted.delete(promptId);
    if (deleted.size > 0) return;
    try {
      emptyJournal(store);
    } catch {
      // A full or locked disk: the journal is emptied when Hearth ends.
    }
  };
  const isTaken = (name: string, promptId: string | null): boolean => {
    const other = records.named(name);
    return other !== undefined && other.id !== promptId;
  };

  return {
    async *watch(signal) {
      const reader = feed.open(signal);
      yield event();
      yield* reader;
    },

    read(promptId) {
      const { id, name, description, text } = found(promptId);
      return { id, name, description, text };
    },

    save(promptId, content) {
      if (promptId !== null) found(promptId);
      else if (records.count() >= MAX_PROMPTS)
        throw new AppError('invalid_input', `The library has ${MAX_PROMPTS} prompts, and takes no more.`, {
          ...{ reason: 'library_full', limit: MAX_PROMPTS },
        });
      if (isTaken(content.name, promptId))
        throw new AppError('invalid_input', 'Another prompt has this name.', {
          ...{ reason: 'prompt_name_taken', field: 'name' },
        });
      const id = promptId ?? randomUUID();
      records.put([{ id, ...content, changedAt: now() }]);
      changed();
      return { promptId: id };
    },

    delete(promptIds) {
      const prompts = [...new Set(promptIds)].flatMap((id) => records.find(id) ?? []);
      records.remove(prompts.map(({ id }) => id));
      for (const prompt of prompts) {
        clearTimeout(deleted.get(prompt.id)?.timer);
        deleted.set(prompt.id, { prompt, timer: setTimeout(() => forget(prompt.id), undoMs).unref() });
      }
      changed();
      return { undoMs };
    },

    undoDelete(promptIds) {
      const back = [...new Set(promptIds)].flatMap((id) => deleted.get(id) ?? []);
      const taken = new Set<string>();
      // Its name may have been given to another prompt meanwhile.
      const restored = back.map(({ prompt }) => {
        const name = freeName(prompt.name, (one) => isTaken(one, prompt.id) || taken.has(one.toLowerCase()));
        taken.add(name.toLowerCase());
        return { ...prompt, name };
      });
      if (restored.length > 0) records.put(restored);
      for (const { prompt, timer } of back) {
        clearTimeout(timer);
        deleted.delete(prompt.id);
      }
      changed();
      return { restored: promptIds.every((id) => records.find(id) !== undefined) };
    },

    import(text) {
      const entries = readPromptFile(text);
      const refused: Partial<Record<RefusedPrompt, number>> = {};
      const added = new Map<string, StoredPrompt>();
      let [same, renamed] = [0, 0];
      const refuse = (reason: RefusedPrompt): void => void (refused[reason] = (refused[reason] ?? 0) + 1);
      let places = MAX_PROMPTS - records.count();
      for (const entry of entries) {
        if (typeof entry === 'string') {
          refuse(entry);
          continue;
        }
        const there = (name: string): PromptContent | undefined => added.get(name.toLowerCase()) ?? records.named(name);
        if (there(entry.name)?.text === entry.text) same++;
        else if (places <= 0) refuse('library_full');
        else {
          const name = freeName(entry.name, (one) => there(one) !== undefined);
          if (name !== entry.name) renamed++;
          added.set(name.toLowerCase(), { id: randomUUID(), ...entry, name, changedAt: now() });
          places--;
        }
      }
      const prompts = [...added.values()];
      if (prompts.length > 0) {
        records.put(prompts);
        changed();
      }
      return { added: prompts.map(({ id }) => id), same, renamed, refused };
    },

    export(form, promptIds) {
      const wanted = promptIds && new Set(promptIds);
      return {
        text: writePromptFile(
          form,
          records.all().filter(({ id }) => wanted?.has(id) ?? true),
          now(),
        ),
      };
    },
  };
}
