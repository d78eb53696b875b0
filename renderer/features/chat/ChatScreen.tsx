/** The chat: the list, the conversation, the composer, and the inspector. */
import { MessageSquareOff } from 'lucide-react';
import type { ChatSummary } from '../../../preload/contract/chat.ts';
import { canContinue } from '../../../preload/contract/continuing.ts';
import { textOf } from '../../../preload/contract/message-parts.ts';
import { useConnection } from '../../connection/api.ts';
import { openLoadSettings } from '../../navigation/load-sheet.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { copyText } from '../../ui/use-copy.ts';
import { deleteChat, titleOf } from './actions.ts';
import { ChatList } from './list/ChatList.tsx';
import { OrderDialogs } from './list/OrderDialogs.tsx';
import { archive, duplicate, openMove, openTags } from './list/order-acts.ts';
import { useNeighbors } from './list/use-neighbors.ts';
import { ChatTop } from './ChatTop.tsx';
import { ChatComposer } from './composer/ChatComposer.tsx';
import { textDraft, type Draft } from './composer/draft.ts';
import { useReply } from './composer/use-reply.ts';
import { useSender } from './composer/use-sender.ts';
import { ConversationPane } from './messages/ConversationPane.tsx';
import { useMessageActions } from './messages/use-message-actions.ts';
import { ExactPrompt } from './inspector/ExactPrompt.tsx';
import { Inspector } from './inspector/Inspector.tsx';
import { SeenPrompt } from './inspector/SeenPrompt.tsx';
import { MemoryNotice } from './memory/MemoryNotice.tsx';
import { SummaryDialog } from './memory/SummaryDialog.tsx';
import { useMemory } from './memory/use-memory.ts';
import { LoadNotes } from './reply/LoadNotes.tsx';
import { SidePanel } from '../../parts/SidePanel.tsx';
import { useComposerFocus } from './use-composer-focus.ts';
import { useChatCommands } from './use-chat-commands.ts';
import { useChatPanels } from './use-chat-panels.ts';
import { useChatSettings } from './use-chat-settings.ts';
import { useOpenChat } from './use-open-chat.ts';
import { WriterDialog } from './versions/WriterDialog.tsx';
import { useVersionCommands } from './use-version-commands.ts';
import { whyBlocked } from './why-blocked.ts';
import { words } from '../../words/words.ts';
import './chat.css';

interface ChatScreenProps {
  /** Null is a chat that is created with its first message. */
  readonly chatId: string | null;
  /** The model that a new chat starts with; null: the last used one. */
  readonly newModelId: string | null;
}

export function ChatScreen({ chatId, newModelId }: ChatScreenProps): React.JSX.Element {
  const panels = useChatPanels();
  const { narrow, wide } = panels;
  const sender = useSender();
  const settings = useChatSettings(chatId, newModelId);
  const open = useOpenChat(chatId, sender.outgoing, settings.fresh.modelId);
  const { chat, choice, busy, lastReply, lastUserMessage } = open;
  const blocked = whyBlocked(useConnection(), open);
  const reply = useReply(open, sender, settings);

  const { path, memory, dividers } = useMemory(open);

  const { composer, focusComposer, newChat } = useComposerFocus(chatId);
  const messages = useMessageActions(panels.chooseModel, newChat, focusComposer, titleOf(chat ?? { title: '' }));
  const { actions } = messages;

  const send = (draft: Draft): void => {
    messages.clearTarget();
    reply.send(draft);
  };
  const readyModel = choice.state === 'ready' ? choice.model : null;
  const showPrompt = chat && chat.leafId !== null ? () => panels.setPromptOf(chat.id) : null;
  const lastText = lastReply ? textOf(lastReply) : '';
  useChatCommands({
    stop: busy && chatId !== null ? reply.stop : null,
    regenerate: !busy && lastReply ? () => actions.regenerate(lastReply.id) : null,
    continueReply: !busy && lastReply && canContinue(lastReply) ? () => actions.continue(lastReply.id) : null,
    editLast: !busy && lastUserMessage ? () => actions.startEditing(lastUserMessage.id) : null,
    chooseModel: panels.chooseModel,
    copyReply: lastText !== '' ? () => void copyText(lastText) : null,
    rename: chat ? () => panels.rename(chat.id) : null,
    remove: chat ? () => void deleteChat(chat) : null,
    loadSettings: readyModel ? () => openLoadSettings(readyModel.id) : null,
    showPrompt,
    toggleInspector: panels.toggleInspector,
    focusComposer,
    searchChats: panels.searchChats,
    ...orderCommands(open.summary),
    ...useNeighbors(chatId),
  });
  useVersionCommands(open, actions);

  return (
    <div className="chat-screen" data-inspector={(wide && panels.inspectorOpen) || undefined}>
      <SidePanel
        title={words.chat.chats}
        className="chat-list-column"
        asSheet={narrow}
        open={!narrow || panels.listOpen}
        onOpenChange={panels.setListOpen}
        side="start"
        width={300}
      >
        <ChatList
          openId={chatId}
          renamingId={panels.renamingId}
          onRename={panels.setRenamingId}
          searchAsked={panels.searchAsked}
          onHit={messages.openHit}
          onNew={newChat}
          {...(narrow ? { onLeave: () => panels.setListOpen(false) } : {})}
        />
      </SidePanel>

      <section className="chat-main" aria-label={words.chat.title}>
        <ChatTop
          open={open}
          onShowList={narrow ? () => panels.setListOpen(true) : null}
          onChooseModel={(modelId) => settings.change({ modelId })}
          pickerOpen={panels.pickerOpen}
          onPickerOpenChange={panels.setPickerOpen}
          inspectorOpen={panels.inspectorOpen}
          onToggleInspector={panels.toggleInspector}
        />
        {readyModel ? <LoadNotes modelId={readyModel.id} onChooseModel={panels.chooseModel} /> : null}
        {open.removed ? (
          <EmptyState
            icon={MessageSquareOff}
            title={words.chat.gone}
            text={words.chat.goneText}
            action={<Button onClick={newChat}>{words.chat.newChat}</Button>}
          />
        ) : (
          <>
            <ConversationPane
              open={open}
              editingId={messages.editingId}
              target={messages.target}
              actions={actions}
              dividers={dividers}
              canSend={blocked === null}
              onSend={(text) => send(textDraft(text))}
              onPersona={(personaId) => void settings.choosePersona(personaId)}
            />
            {memory && chatId !== null ? (
              <MemoryNotice key={chatId} chatId={chatId} path={path} memory={memory} busy={busy} />
            ) : null}
            <ChatComposer
              ref={composer}
              open={open}
              sender={sender}
              reply={reply}
              blocked={blocked}
              onSend={send}
              onEditLast={() => lastUserMessage && !busy && actions.startEditing(lastUserMessage.id)}
              systemPrompt={chat?.systemPrompt ?? settings.fresh.systemPrompt}
              onChooseModel={actions.chooseModel}
              onChosenModel={(modelId) => settings.change({ modelId })}
              onShowPrompt={showPrompt}
            />
          </>
        )}
      </section>

      <SidePanel
        title={words.chat.inspector}
        className="chat-inspector-column"
        closable
        asSheet={!wide}
        open={panels.inspectorOpen}
        onOpenChange={panels.setInspectorOpen}
        side="end"
        width={320}
      >
        <Inspector
          chat={{ id: chatId, createdAt: null, ...settings.fresh, ...chat }}
          choice={choice}
          messages={path}
          memory={memory}
          onChooseModel={() => {
            panels.setInspectorOpen(wide);
            panels.chooseModel();
          }}
          onSystemPrompt={(systemPrompt) => settings.change({ systemPrompt })}
          onSampling={(sampling) => settings.change({ sampling })}
          onPersona={(personaId) => void settings.choosePersona(personaId)}
          onContextPolicy={(contextPolicy) => settings.change({ contextPolicy })}
          onShowPrompt={showPrompt}
        />
      </SidePanel>
      {memory ? <SummaryDialog path={path} memory={memory} /> : null}
      <OrderDialogs />
      {panels.promptOf === null || panels.promptOf !== chatId ? null : (
        <ExactPrompt chatId={panels.promptOf} onClose={() => panels.setPromptOf(null)} />
      )}
      {messages.question === null || messages.question.message.chatId !== chatId ? null : (
        <WriterDialog question={messages.question} actions={actions} onClose={messages.closeQuestion} />
      )}
      {messages.seenOf?.chatId === chatId ? (
        <SeenPrompt message={messages.seenOf} onClose={messages.closeSeen} />
      ) : null}
    </div>
  );
}

/** The act on a chat that is in the list already; null without one. */
const forListed = (chat: ChatSummary | undefined, act: (chat: ChatSummary) => void): (() => void) | null =>
  chat ? () => act(chat) : null;

/** The commands for the place of a chat in the list; each is null for a chat that is not in it. */
function orderCommands(summary: ChatSummary | undefined) {
  return {
    isArchived: summary?.archived === true,
    move: forListed(summary, (one) => openMove([one])),
    tags: forListed(summary, (one) => openTags([one])),
    archive: forListed(summary, (one) => archive([one])),
    duplicate: forListed(summary, (one) => void duplicate(one)),
  };
}
