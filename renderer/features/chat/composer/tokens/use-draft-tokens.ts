/** The tokens of the draft, by the tokenizer of the chat's model where that is loaded. */
import { useEffect, useRef, useState } from 'react';
import { client } from '../../../../connection/api.ts';
import { useLoadedModels } from '../../../../parts/watched.ts';
import type { OpenChat } from '../../use-open-chat.ts';
import { hasWords, type Draft } from '../draft.ts';
import { createTokenCounter, type Counted, type TokenCounter } from './counter.ts';
import type { NextMessage } from './draft-use.ts';

export interface DraftTokens extends NextMessage {
  /** Whether `draftTokens` was counted by the model's own tokenizer. */
  readonly exact: boolean;
  /** By the draft's file ids. */
  readonly ofFiles: ReadonlyMap<string, Counted>;
}

interface DraftOfChat {
  readonly chatId: string | null;
  readonly draft: Draft;
}

interface CountedDraft extends DraftOfChat {
  readonly counts: readonly Counted[];
}

const nothing: readonly Counted[] = [];

/** `systemPrompt`: of a chat without a reply; empty otherwise. */
export function useDraftTokens(open: OpenChat, draft: Draft, systemPrompt: string): DraftTokens {
  const { choice } = open;
  const loaded = useLoadedModels().get(choice.state === 'ready' ? choice.model.id : '');
  const isLoaded = loaded?.status === 'ready' || loaded?.status === 'generating';
  const modelId = isLoaded ? loaded.modelId : null;
  const [last, setLast] = useState<CountedDraft | null>(null);
  // A draft that is typed on keeps its count until the next one is here; that of another chat does not.
  const counted = last?.chatId === open.id ? last : null;
  const counter = useRef<TokenCounter<DraftOfChat>>(null);
  useEffect(() => {
    const made = createTokenCounter<DraftOfChat>({
      ask: async (id, texts) => (await client.call('composer.countTokens', { modelId: id, texts: [...texts] })).tokens,
      onCounted: (subject, counts) => setLast({ ...subject, counts }),
    });
    counter.current = made;
    return () => made.close();
  }, []);
  const isEmpty = !hasWords(draft);
  useEffect(() => {
    if (isEmpty && systemPrompt === '') return;
    counter.current?.want({
      subject: { chatId: open.id, draft },
      modelId,
      texts: [
        { text: systemPrompt, isTyped: false },
        { text: draft.text, isTyped: true },
        ...draft.files.map(({ text }) => ({ text, isTyped: false })),
      ],
    });
  }, [open.id, draft, isEmpty, modelId, systemPrompt]);

  const [system, typed, ...files] = counted?.counts ?? nothing;
  const ofFiles = new Map(
    (counted?.draft.files ?? []).flatMap(({ id }, index) => {
      const count = files[index];
      return count ? [[id, count] as const] : [];
    }),
  );
  const parts = isEmpty ? [] : [...(typed ? [typed] : []), ...draft.files.flatMap(({ id }) => ofFiles.get(id) ?? [])];
  return {
    draftTokens: parts.reduce((sum, { tokens }) => sum + tokens, 0),
    exact: parts.every(({ exact }) => exact),
    systemTokens: systemPrompt === '' ? 0 : (system?.tokens ?? 0),
    contextSize: contextSizeOf(open, isLoaded ? loaded.contextSize : null),
    ofFiles,
  };
}

/** That of the loaded model, else what the model had at the last reply, or what its server tells. */
function contextSizeOf({ choice, lastReply }: OpenChat, loadedSize: number | null): number | null {
  if (loadedSize !== null && loadedSize > 0) return loadedSize;
  if (choice.state === 'elsewhere') return choice.model.contextSize;
  const isSameModel = choice.state === 'ready' && lastReply?.modelId === choice.model.id;
  const size = isSameModel ? (lastReply.timing?.contextSize ?? 0) : 0;
  return size > 0 ? size : null;
}
