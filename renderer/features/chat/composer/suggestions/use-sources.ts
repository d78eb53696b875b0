/** What the menu of suggestions offers: prompts of the library, models, files of this chat and other chats. */
import { Box, FileText, Library, MessageSquare, Plus, Server, SquareSlash } from 'lucide-react';
import { useMemo, type RefObject } from 'react';
import type { ChatSummary } from '../../../../../preload/contract/chat.ts';
import { namedTextsOf, type NamedText } from '../../../../../preload/contract/message-parts.ts';
import { client } from '../../../../connection/api.ts';
import { toAppError } from '../../../../connection/live.ts';
import { openNewPrompt, openPromptLibrary } from '../../../../navigation/prompt-library.ts';
import { useChatList, useLoadedModels, usePrompts } from '../../../../parts/watched.ts';
import { toast } from '../../../../ui/layers/toast.ts';
import { wordsFor } from '../../../../words/error-words.ts';
import { words } from '../../../../words/words.ts';
import { titleOf } from '../../actions.ts';
import { shownPath } from '../../messages/path.ts';
import type { OpenChat } from '../../use-open-chat.ts';
import { attachText } from '../attach.ts';
import { replaceRange } from '../field/insertion.ts';
import { distinctNames, modelDetail, nameElsewhere, remoteDetail } from '../model-choice.ts';
import { estimatedTokens } from '../tokens/estimate.ts';
import { textOfChat } from './chat-text.ts';
import { bestMatches, firstMatches } from './matches.ts';
import type { Trigger, TriggerKind } from './trigger.ts';
import type { Suggestion } from './use-suggestions.ts';

interface SourcesOptions {
  readonly open: OpenChat;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly onPrompt: (promptId: string, trigger: Trigger) => void;
  readonly onChooseModel: (modelId: string) => void;
}

/** The suggestions for a mark and what is typed behind it. */
export function useSources(options: SourcesOptions): (kind: TriggerKind, query: string) => readonly Suggestion[] {
  const { open, field, onPrompt, onChooseModel } = options;
  const prompts = usePrompts().value?.prompts;
  const chats = useChatList().value;
  const loaded = useLoadedModels();
  const byTime = useMemo(
    () => [...(chats?.values() ?? [])].filter(({ id }) => id !== open.id).sort((a, b) => b.updatedAt - a.updatedAt),
    [chats, open.id],
  );
  /** What was typed to find the entry leaves the text. */
  const takeAway = ({ from, to }: Trigger): void => {
    if (field.current) replaceRange(field.current, from, to, '');
  };

  const promptItems = (query: string): readonly Suggestion[] => [
    ...bestMatches(prompts ?? [], query, ({ name, description }) => [name, description]).map(
      ({ id, name, description, beginning }): Suggestion => ({
        ...{ id, label: name, detail: description || beginning, icon: SquareSlash },
        run: (trigger) => onPrompt(id, trigger),
      }),
    ),
    ...(query === '' && prompts !== undefined ? [prompts.length === 0 ? newPrompt(takeAway) : library(takeAway)] : []),
  ];

  const modelItems = (query: string): readonly Suggestion[] => {
    const here = (open.models ?? []).filter(({ kind, problem }) => kind === 'model' && problem === null);
    const names = distinctNames(here);
    const chosenId = open.choice.state === 'ready' || open.choice.state === 'elsewhere' ? open.choice.model.id : null;
    const isLoaded = (id: string): boolean => loaded.has(id) && loaded.get(id)?.status !== 'failed';
    const local = here
      .toSorted((a, b) => Number(isLoaded(b.id)) - Number(isLoaded(a.id)))
      .map((model) => ({
        ...{ id: model.id, label: names.get(model.id) ?? model.name, icon: Box },
        detail: isLoaded(model.id) ? words.picker.loaded : modelDetail(model),
      }));
    const elsewhere = (open.servers ?? [])
      .filter(({ enabled }) => enabled)
      .flatMap((server) =>
        server.models
          .filter(({ abilities }) => abilities.chat !== false)
          .map((model) => ({
            ...{ id: model.modelId, label: nameElsewhere(model.name), icon: Server },
            detail: [words.elsewhere.group(server.name, server.leavesComputer), remoteDetail(model)].join(' · '),
          })),
      );
    return bestMatches([...local, ...elsewhere], query, ({ label, detail }) => [label, detail]).map((model) => ({
      ...model,
      detail: model.id === chosenId ? words.suggestions.inUse : model.detail,
      run(trigger) {
        takeAway(trigger);
        if (model.id === chosenId) return;
        onChooseModel(model.id);
        toast({ text: words.suggestions.switched(model.label) });
      },
    }));
  };

  const sourceItems = (query: string): readonly Suggestion[] => [
    ...firstMatches(filesOf(open), query, ({ name }) => [name]).map(({ name, text }, index): Suggestion => ({
      ...{ id: `file-${index}`, label: name, icon: FileText },
      detail: `${words.suggestions.file} · ${words.draftTokens.about(estimatedTokens(text))}`,
      run(trigger) {
        takeAway(trigger);
        attachText(open.id, name, text);
      },
    })),
    ...firstMatches(byTime, query, (chat) => [titleOf(chat)]).map((chat): Suggestion => ({
      ...{ id: chat.id, label: titleOf(chat), detail: words.suggestions.chat, icon: MessageSquare },
      run(trigger) {
        takeAway(trigger);
        void attachChat(open.id, chat);
      },
    })),
  ];

  return (kind, query) => {
    switch (kind) {
      case 'prompt':
        return promptItems(query);
      case 'model':
        return modelItems(query);
      case 'source':
        return sourceItems(query);
      default:
        return kind satisfies never;
    }
  };
}

const library = (takeAway: (trigger: Trigger) => void): Suggestion => ({
  ...{ id: 'library', label: words.suggestions.manage, detail: '', icon: Library },
  run(trigger) {
    takeAway(trigger);
    openPromptLibrary();
  },
});

const newPrompt = (takeAway: (trigger: Trigger) => void): Suggestion => ({
  ...{ id: 'new', label: words.suggestions.newPrompt, detail: '', icon: Plus },
  run(trigger) {
    takeAway(trigger);
    openNewPrompt('');
  },
});

/** The texts that stand as files in the shown messages, the newest first, each once. */
function* filesOf({ path }: Pick<OpenChat, 'path'>): Generator<NamedText> {
  const seen = new Set<string>();
  for (const { message } of path.toReversed())
    for (const file of namedTextsOf(message)) {
      const key = `${file.name}\n${file.text.length}\n${file.text.slice(0, 200)}`;
      if (!seen.has(key)) yield file;
      seen.add(key);
    }
}

/** Adds the text of a chat to the draft as a file. */
async function attachChat(chatId: string | null, chat: ChatSummary): Promise<void> {
  try {
    const text = await readChat(chat.id);
    if (text === '') toast({ text: words.suggestions.chatEmpty(titleOf(chat)) });
    else attachText(chatId, words.suggestions.chatName(titleOf(chat)), text);
  } catch (cause) {
    toast({ text: words.suggestions.chatUnread, detail: wordsFor(toAppError(cause)).text, tone: 'red' });
  }
}

/** The text of a chat as it is now; the first event of its stream has all of it. */
async function readChat(chatId: string): Promise<string> {
  for await (const event of client.stream('chat.watch', { chatId })) {
    if (event.type !== 'snapshot') continue;
    const messages = new Map(event.messages.map((message) => [message.id, message]));
    return textOfChat(shownPath(messages, event.chat.leafId).map(({ message }) => message));
  }
  return '';
}
