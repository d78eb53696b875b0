/** Inserting a prompt of the library into the field: at once, or after its variables are filled in. */
import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import { attempt } from '../../../../connection/attempt.ts';
import { askForPrompt, useAskedPrompt } from '../../../../navigation/prompt-library.ts';
import { filledPrompt, parsePrompt, type ParsedPrompt } from '../../../../parts/prompts/variables.ts';
import { locale } from '../../../../words/language.ts';
import { replaceRange } from '../field/insertion.ts';

interface Range {
  readonly from: number;
  readonly to: number;
}

export interface FilledForm {
  readonly name: string;
  readonly parsed: ParsedPrompt;
  readonly range: Range;
}

export interface PromptInsertion {
  /** The prompt whose variables are being filled in, or null. */
  readonly form: FilledForm | null;
  /** Replaces a range of the field with a prompt. */
  readonly insert: (promptId: string, range: Range) => void;
  readonly finish: (values: ReadonlyMap<string, string> | null) => void;
}

export function usePromptInsertion(field: RefObject<HTMLTextAreaElement | null>): PromptInsertion {
  const [form, setForm] = useState<FilledForm | null>(null);
  const put = useCallback(
    (parsed: ParsedPrompt, values: ReadonlyMap<string, string>, { from, to }: Range): void => {
      const text = filledPrompt(parsed, values, { now: new Date(), locale });
      if (field.current) replaceRange(field.current, from, to, text);
    },
    [field],
  );
  const insert = useCallback(
    (promptId: string, range: Range): void => {
      void attempt('prompts.read', { promptId }).then((prompt) => {
        if (!prompt) return;
        const parsed = parsePrompt(prompt.text);
        if (parsed.variables.length === 0) put(parsed, new Map(), range);
        else setForm({ name: prompt.name, parsed, range });
      });
    },
    [put],
  );

  const asked = useAskedPrompt();
  const lastAsked = useRef<string | null>(null);
  useEffect(() => {
    if (asked === lastAsked.current) return;
    lastAsked.current = asked;
    const element = field.current;
    if (asked === null || element === null) return;
    askForPrompt(null);
    insert(asked, { from: element.selectionStart, to: element.selectionEnd });
  }, [asked, field, insert]);

  return {
    form,
    insert,
    finish(values) {
      setForm(null);
      // The layer first gives the focus back to the field.
      if (form !== null && values !== null) setTimeout(() => put(form.parsed, values, form.range), 0);
    },
  };
}
