import { Direction, Tooltip } from 'radix-ui';
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { AppError, encodeError } from '../../preload/wire/errors.ts';
import { link, useConnection } from '../connection/api.ts';
import { ChatScreen } from '../features/chat/ChatScreen.tsx';
import { Skeleton } from '../ui/display/Skeleton.tsx';
import { Toaster } from '../ui/layers/Toaster.tsx';
import { Banners } from './Banners.tsx';
import { CommandPalette } from './CommandPalette.tsx';
import { ErrorCard } from '../parts/ErrorCard.tsx';
import { useFolderList } from '../parts/convert/folder-choice.ts';
import { FolderList } from '../parts/convert/FolderList.tsx';
import { useChatList } from '../parts/watched.ts';
import { Asker } from './Asker.tsx';
import { LinkQuestion } from './LinkQuestion.tsx';
import { DropAnywhere } from './DropAnywhere.tsx';
import { useShortcuts } from '../navigation/commands.ts';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { closeConvert, useConvertSubject } from '../navigation/convert-sheet.ts';
import { closeExchange, useExchangeSubject } from '../navigation/exchange-sheet.ts';
import { askForPrompt, showPromptLibrary, usePromptLibrary } from '../navigation/prompt-library.ts';
import { closeLoadSettings, useLoadSettings } from '../navigation/load-sheet.ts';
import { recall, remember } from '../navigation/memory.ts';
import { loadPart } from './lazy-part.ts';
import { Rail } from './Rail.tsx';
import { navigate, useRoute, type Route } from '../navigation/router.ts';
import { ShortcutMap } from './ShortcutMap.tsx';
import { useAppearance } from './appearance.ts';
import { useFrameCommands } from './use-frame-commands.ts';
import { useNotices } from './use-notices.ts';
import { words } from '../words/words.ts';
import './app.css';

const ModelsScreen = lazy(() => loadPart(async () => ({ default: (await import('./ModelsScreen.tsx')).ModelsScreen })));
const NotebookScreen = lazy(() =>
  loadPart(async () => ({ default: (await import('../features/notebook/NotebookScreen.tsx')).NotebookScreen })),
);
const ServerScreen = lazy(() =>
  loadPart(async () => ({ default: (await import('../features/server/ServerScreen.tsx')).ServerScreen })),
);
const SettingsScreen = lazy(() =>
  loadPart(async () => ({ default: (await import('../features/settings/SettingsScreen.tsx')).SettingsScreen })),
);
const PersonasScreen = lazy(() =>
  loadPart(async () => ({ default: (await import('../features/personas/PersonasScreen.tsx')).PersonasScreen })),
);
const LoadSheet = lazy(() =>
  loadPart(async () => ({ default: (await import('../features/load/LoadSheet.tsx')).LoadSheet })),
);
const ConvertSheet = lazy(() =>
  loadPart(async () => ({ default: (await import('../features/convert/ConvertSheet.tsx')).ConvertSheet })),
);
const ExchangeSheet = lazy(() =>
  loadPart(async () => ({ default: (await import('../features/exchange/ExchangeSheet.tsx')).ExchangeSheet })),
);

const PromptLibrary = lazy(() =>
  loadPart(async () => ({ default: (await import('../features/prompts/PromptLibrary.tsx')).PromptLibrary })),
);

/** The window: the rail, the screen, and the layers above them. */
export function App() {
  const route = useRoute();
  const [wide, setWide] = useState(
    () => (recall('rail') ?? (window.innerWidth >= 1200 ? 'wide' : 'narrow')) === 'wide',
  );
  const [layer, setLayer] = useState<'palette' | 'shortcuts' | null>(null);
  const main = useRef<HTMLElement>(null);
  /** Where "Chat" leads from other screens: the chat that was open. */
  const [lastChat, setLastChat] = useState<Route>({ screen: 'chat', chatId: null });
  if (route.screen === 'chat' && route !== lastChat) setLastChat(route);

  const toggleRail = useCallback(() => {
    setWide((now) => {
      remember('rail', now ? 'narrow' : 'wide');
      return !now;
    });
  }, []);
  useAppearance();
  useNotices();
  useShortcuts();

  // Watched here, so that the list is kept while another screen is shown and the connection is lost.
  const chats = useChatList().value;
  const wasDeleted = lastChat.screen === 'chat' && lastChat.chatId !== null && chats?.has(lastChat.chatId) === false;
  const chatPlace: Route = route.screen === 'chat' || wasDeleted ? { screen: 'chat', chatId: null } : lastChat;
  useFrameCommands({
    chatPlace,
    toggleRail,
    openPalette: () => setLayer('palette'),
    openShortcuts: () => setLayer('shortcuts'),
  });
  const chatTitle = route.screen === 'chat' ? chats?.get(route.chatId ?? '')?.title : undefined;
  useEffect(() => {
    document.title = chatTitle ? words.frame.titleOf(chatTitle) : words.frame.titles[route.screen];
  }, [route.screen, chatTitle]);

  return (
    <Direction.Provider dir={document.documentElement.dir === 'rtl' ? 'rtl' : 'ltr'}>
      <Tooltip.Provider delayDuration={450} skipDelayDuration={200}>
        <div className="app">
          <button type="button" className="skip" onClick={() => main.current?.focus()}>
            {words.frame.skip}
          </button>
          <Banners />
          <div className="app-body">
            <Rail
              screen={route.screen}
              chatPlace={chatPlace}
              wide={wide}
              onToggle={toggleRail}
              onPalette={() => setLayer('palette')}
            />
            <main id="main" className="app-main" tabIndex={-1} ref={main}>
              <ErrorBoundary key={route.screen}>
                <Suspense fallback={<ScreenSkeleton />}>
                  <Screen route={route} />
                </Suspense>
              </ErrorBoundary>
            </main>
          </div>
        </div>
        <CommandPalette open={layer === 'palette'} onOpenChange={(open) => setLayer(open ? 'palette' : null)} />
        <DropAnywhere route={route} />
        <Asker />
        <LinkQuestion />
        <LoadSettings />
        <Conversion />
        <Exchange />
        <Prompts chatPlace={route.screen === 'chat' ? route : lastChat} />
        <Folders />
        <ShortcutMap open={layer === 'shortcuts'} onOpenChange={(open) => setLayer(open ? 'shortcuts' : null)} />
        <Toaster />
      </Tooltip.Provider>
    </Direction.Provider>
  );
}

function Screen({ route }: { route: Route }) {
  switch (route.screen) {
    case 'chat':
      return <ChatScreen chatId={route.chatId} newModelId={route.modelId ?? null} />;
    case 'models':
      return <ModelsScreen route={route} />;
    case 'notebook':
      return <NotebookScreen documentId={route.documentId} />;
    case 'server':
      return <ServerScreen tab={route.tab} />;
    case 'personas':
      return <PersonasScreen tab={route.tab} />;
    case 'settings':
      return <SettingsScreen section={route.section ?? null} forRepoId={route.forRepoId ?? null} />;
    default:
      return route satisfies never;
  }
}

/** Above every screen, because several screens open it. */
function LoadSettings() {
  const modelId = useLoadSettings();
  if (modelId === null) return null;
  return (
    <Suspense fallback={null}>
      <LoadSheet modelId={modelId} onClose={closeLoadSettings} />
    </Suspense>
  );
}

/** Above every screen too, for the same reason. */
function Conversion() {
  const subject = useConvertSubject();
  if (subject === null) return null;
  return (
    <Suspense fallback={null}>
      <ConvertSheet subject={subject} onClose={closeConvert} />
    </Suspense>
  );
}

function Exchange() {
  const subject = useExchangeSubject();
  if (subject === null) return null;
  return (
    <Suspense fallback={null}>
      <ExchangeSheet subject={subject} onClose={closeExchange} />
    </Suspense>
  );
}

/** Above every screen too. A prompt that is chosen there goes into the message of the open chat, or of the one that was open last. */
function Prompts({ chatPlace }: { chatPlace: Route }) {
  const open = usePromptLibrary();
  if (open === null) return null;
  return (
    <Suspense fallback={null}>
      <PromptLibrary
        open={open}
        onInsert={(promptId) => {
          showPromptLibrary(null);
          navigate(chatPlace);
          askForPrompt(promptId);
        }}
      />
    </Suspense>
  );
}

function Folders() {
  return useFolderList() ? <FolderList /> : null;
}

/** In place of a screen whose code is still loading. It waits for the connection where there is none. */
function ScreenSkeleton() {
  if (useConnection() === 'lost') {
    return (
      <div className="screen-error">
        <ErrorCard error={encodeError(new AppError('disconnected', ''))} onRetry={link.retryNow} />
      </div>
    );
  }
  return (
    <div className="screen-skeleton">
      <Skeleton lines={4} />
    </div>
  );
}
