/** The chat: the list, the conversation, the composer, and the inspector. */
import { MessageSquareOff } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { FreshChat } from '../../../preload/contract/chat.ts';
import { textOf } from '../../../preload/contract/message-parts.ts';
import { useConnection, type Connection } from '../../connection/api.ts';
import { openLoadSettings } from '../../navigation/load-sheet.ts';
import { navigate } from '../../navigation/router.ts';
import { attempt } from '../../connection/attempt.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { Sheet } from '../../ui/layers/Sheet.tsx';
import { copyText } from '../../ui/use-copy.ts';
import { deleteChat } from './acts.ts';
import { ChatList } from './list/ChatList.tsx';
import { ChatTop } from './ChatTop.tsx';
import { Composer } from './composer/Composer.tsx';
import { ComposerNotice } from './composer/ComposerNotice.tsx';
import { contextUse } from './composer/context-parts.ts';
import { ContextMeter } from './composer/ContextMeter.tsx';
import { ConversationPane } from './messages/ConversationPane.tsx';
import { ExactPrompt } from './inspector/ExactPrompt.tsx';
import { Inspector } from './inspector/Inspector.tsx';
import { LoadNotes } from './reply/LoadNotes.tsx';
import type { MessageActs } from './messages/message-acts.ts';
import { useChatCommands } from './use-chat-commands.ts';
import { useMedia } from './use-media.ts';
import { useOpenChat, type OpenChat } from './use-open-chat.ts';
import { useDraft, useSender } from './composer/use-sender.ts';
import { words } from '../../words/words.ts';
import './chat.css';

const nothingChosen: FreshChat = { modelId: null, systemPrompt: '', sampling: null, contextPolicy: null };

interface ChatScreenProps {
  /** Null is a chat that is created with its first message. */
  readonly chatId: string | null;
  /** The model that a new chat starts with; null: the last used one. */
  readonly newModelId: string | null;
}

export function ChatScreen({ chatId, newModelId }: ChatScreenProps): React.JSX.Element {
  const narrow = useMedia('(max-width: 899.98px)');
  const wide = useMedia('(min-width: 1200px)');
  const sender = useSender();
  const [fresh, setFresh] = useState<FreshChat>({ ...nothingChosen, modelId: newModelId });
  const [askedModelId, setAskedModelId] = useState(newModelId);
  if (askedModelId !== newModelId) {
    setAskedModelId(newModelId);
    setFresh((now) => ({ ...now, modelId: newModelId }));
  }
  const open = useOpenChat(chatId, sender.outgoing, fresh.modelId);
  const { chat, choice, busy, lastReply, lastUserMessage } = open;
  const blocked = whyBlocked(useConnection(), open);
  const [draft, setDraft] = useDraft(chatId);
  const composer = useRef<HTMLTextAreaElement>(null);

  const [listOpen, setListOpen] = useState(false);
  const [inspectorOpen, setInspectorOpen] = useState(false);
  const [pickerOpen, setPickerOpen] = useState(false);
  const [renamingId, setRenamingId] = useState<string | null>(null);
  const [editingId, setEditingId] = useState<string | null>(null);
  const [target, setTarget] = useState<string | null>(null);
  const [stopping, setStopping] = useState(false);
  const [promptOf, setPromptOf] = useState<string | null>(null);

  const focusComposer = useCallback(() => composer.current?.focus(), []);
  useEffect(() => {
    // A touch screen would open its keyboard over the conversation.
    if (window.matchMedia('(pointer: fine)').matches) focusComposer();
  }, [chatId, focusComposer]);

  const newChat = useCallback(() => {
    navigate({ screen: 'chat', chatId: null });
    focusComposer();
  }, [focusComposer]);
  const acts = useMemo<MessageActs>(
    () => ({
      edit: async (messageId, text) =>
        (await attempt('chat.edit', { messageId, parts: [{ type: 'text', text }] })) !== undefined,
      regenerate: (messageId) => void attempt('chat.regenerate', { messageId }),
      select: (messageId) => void attempt('chat.select', { messageId }),
      startEditing: (messageId) => {
        setEditingId(messageId);
        if (messageId === null) focusComposer();
      },
      chooseModel: () => setPickerOpen(true),
      newChat,
    }),
    [focusComposer, newChat],
  );

  const send = (text: string): void => {
    setTarget(null);
    const settings = { ...fresh, modelId: fresh.modelId ?? (choice.state === 'ready' ? choice.model.id : null) };
    const messageCount = open.view?.messages.size ?? 0;
    void sender.send({ chatId, messageCount, fresh: settings }, text).then((stored) => {
      if (stored && chatId === null) setFresh(nothingChosen);
    });
  };
  const stop = (): void => {
    if (chatId === null) return;
    setStopping(true);
    void attempt('chat.stop', { chatId }).finally(() => setStopping(false));
  };
  /** Changes the chat, or the settings of a chat that does not exist yet. */
  const change = (patch: Partial<FreshChat>): void => {
    if (chatId === null) setFresh((now) => ({ ...now, ...patch }));
    else {
      const { modelId, contextPolicy, ...rest } = patch;
      void attempt('chat.update', {
        chatId,
        ...rest,
        ...(modelId ? { modelId } : {}),
        ...(contextPolicy ? { contextPolicy } : {}),
      });
    }
  };
  const rename = (): void => {
    setListOpen(narrow);
    setRenamingId(chatId);
  };
  const openHit = (hitChatId: string, messageId: string | null): void => {
    if (messageId === null) return navigate({ screen: 'chat', chatId: hitChatId });
    void attempt('chat.select', { messageId }).then((done) => {
      if (done === undefined) return;
      setTarget(messageId);
      navigate({ screen: 'chat', chatId: hitChatId });
    });
  };
  const showPrompt = chat && chat.leafId !== null ? () => setPromptOf(chat.id) : null;
  const readyModel = choice.state === 'ready' ? choice.model : null;
  const toggleInspector = (): void => setInspectorOpen((isOpen) => !isOpen);

  const lastText = lastReply ? textOf(lastReply) : '';
  useChatCommands({
    stop: busy && chatId !== null ? stop : null,
    regenerate: !busy && lastReply ? () => acts.regenerate(lastReply.id) : null,
    copyReply: lastText !== '' ? () => void copyText(lastText) : null,
    rename: chat ? rename : null,
    remove: chat ? () => void deleteChat(chat) : null,
    loadSettings: readyModel ? () => openLoadSettings(readyModel.id) : null,
    showPrompt,
    toggleInspector,
    focusComposer,
  });

  const list = (
    <ChatList
      openId={chatId}
      renamingId={renamingId}
      onRename={setRenamingId}
      onHit={openHit}
      onNew={newChat}
      {...(narrow ? { onLeave: () => setListOpen(false) } : {})}
    />
  );
  const inspector = (
    <Inspector
      chat={{ id: chatId, createdAt: null, ...fresh, ...chat }}
      choice={choice}
      messages={open.path.map((entry) => entry.message)}
      onChooseModel={() => {
        setInspectorOpen(wide);
        setPickerOpen(true);
      }}
      onSystemPrompt={(systemPrompt) => change({ systemPrompt })}
      onSampling={(sampling) => change({ sampling })}
      onContextPolicy={(contextPolicy) => change({ contextPolicy })}
      onShowPrompt={showPrompt}
    />
  );

  const use = contextUse(lastReply);
  const meter =
    use && lastReply?.timing ? (
      <ContextMeter
        use={use}
        timing={lastReply.timing}
        policy={chat?.contextPolicy ?? 'roll'}
        onShowPrompt={showPrompt}
        onLoadSettings={readyModel ? () => openLoadSettings(readyModel.id) : null}
      />
    ) : null;

  return (
    <div className="chat-screen" data-inspector={(wide && inspectorOpen) || undefined}>
      {narrow ? (
        <Sheet open={listOpen} onOpenChange={setListOpen} title={words.chat.chats} side="start" width={300}>
          {list}
        </Sheet>
      ) : (
        <aside className="chat-list-column" aria-label={words.chat.chats}>
          <h2 className="visually-hidden">{words.chat.chats}</h2>
          {list}
        </aside>
      )}

      <section className="chat-main" aria-label={words.chat.title}>
        <ChatTop
          open={open}
          onShowList={narrow ? () => setListOpen(true) : null}
          onChooseModel={(modelId) => change({ modelId })}
          pickerOpen={pickerOpen}
          onPickerOpenChange={setPickerOpen}
          inspectorOpen={inspectorOpen}
          onToggleInspector={toggleInspector}
        />
        {readyModel ? <LoadNotes modelId={readyModel.id} /> : null}
        {open.removed ? (
          <EmptyState
            icon={MessageSquareOff}
            title={words.chat.gone}
            text={words.chat.goneText}
            act={<Button onClick={newChat}>{words.chat.newChat}</Button>}
          />
        ) : (
          <>
            <ConversationPane
              open={open}
              editingId={editingId}
              target={target}
              acts={acts}
              canSend={blocked === null}
              onSend={send}
            />
            <Composer
              ref={composer}
              text={draft}
              onChange={setDraft}
              onSend={send}
              onStop={stop}
              onEditLast={() => lastUserMessage && !busy && setEditingId(lastUserMessage.id)}
              busy={busy}
              stopping={stopping}
              blocked={blocked}
              notice={
                <ComposerNotice
                  failure={sender.failure?.chatId === chatId ? sender.failure.error : null}
                  choice={choice}
                  onDismiss={sender.clearFailure}
                  onChooseModel={acts.chooseModel}
                />
              }
              context={meter}
              modelName={readyModel?.name ?? null}
            />
          </>
        )}
      </section>

      {wide && inspectorOpen ? (
        <aside className="chat-inspector-column" aria-label={words.chat.inspector}>
          <h2 className="visually-hidden">{words.chat.inspector}</h2>
          {inspector}
        </aside>
      ) : null}
      {wide ? null : (
        <Sheet open={inspectorOpen} onOpenChange={setInspectorOpen} title={words.chat.inspector}>
          {inspector}
        </Sheet>
      )}
      {promptOf === null || promptOf !== chatId ? null : (
        <ExactPrompt chatId={promptOf} onClose={() => setPromptOf(null)} />
      )}
    </div>
  );
}

/** The reason why nothing can be sent now, in a few words, or null. */
function whyBlocked(connection: Connection, { choice, models, id, view }: OpenChat): string | null {
  if (connection === 'lost') return words.chat.notConnected;
  const known = models !== undefined && (id === null || view !== null);
  return choice.state === 'gone' || (choice.state === 'unknown' && known) ? words.chat.chooseModelFirst : null;
}
