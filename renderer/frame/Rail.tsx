import {
  Box,
  Flame,
  MessageSquare,
  NotebookPen,
  PanelLeft,
  Search,
  Server,
  Settings,
  WifiOff,
  type LucideIcon,
} from 'lucide-react';
import type { ReactElement } from 'react';
import { DownloadTray } from '../features/downloads/DownloadTray.tsx';
import { useQuery } from '../connection/live.ts';
import { IconButton } from '../ui/controls/IconButton.tsx';
import { Kbd } from '../ui/display/Kbd.tsx';
import { Tooltip } from '../ui/layers/Tooltip.tsx';
import { useServer } from '../parts/watched.ts';
import { MachineGauge } from './MachineGauge.tsx';
import { useKeyOf } from '../navigation/keymap.ts';
import { href, type Route } from '../navigation/router.ts';
import { words } from '../words/words.ts';
import './rail.css';

const places: readonly {
  readonly to: Route;
  readonly label: string;
  readonly icon: LucideIcon;
}[] = [
  { to: { screen: 'chat', chatId: null }, label: words.frame.chat, icon: MessageSquare },
  { to: { screen: 'models', tab: 'discover', repoId: null }, label: words.frame.models, icon: Box },
  { to: { screen: 'notebook', documentId: null }, label: words.frame.notebook, icon: NotebookPen },
  { to: { screen: 'server', tab: 'activity' }, label: words.frame.server, icon: Server },
  { to: { screen: 'settings' }, label: words.frame.settings, icon: Settings },
];

/**
 * Links to the screens, and the machine gauge at the bottom. The narrow rail shows icons only, the wide one labels too.
 */
export function Rail({
  screen,
  chatPlace,
  wide,
  onToggle,
  onPalette,
}: {
  screen: Route['screen'];
  /** Where “Chat” leads. */
  chatPlace: Route;
  wide: boolean;
  onToggle: () => void;
  onPalette: () => void;
}) {
  const info = useQuery('system.info', {}, { keep: true });
  const isServing = useServer().value?.status === 'on';
  const [railKey, paletteKey] = [useKeyOf('frame.rail'), useKeyOf('frame.palette')];
  const keyOfPlace: Partial<Record<Route['screen'], string | undefined>> = {
    chat: useKeyOf('frame.chat'),
    models: useKeyOf('frame.discover'),
    server: useKeyOf('frame.server'),
    settings: useKeyOf('frame.settings'),
  };
  return (
    <div className="rail" data-wide={wide || undefined}>
      <header className="rail-head">
        <span className="rail-mark">
          <Flame size={18} aria-hidden="true" />
        </span>
        <span className="rail-words rail-name">{words.frame.appName}</span>
        <span className="rail-toggle">
          <IconButton
            label={wide ? words.frame.narrowRail : words.frame.widenRail}
            icon={PanelLeft}
            className="flip-rtl"
            size="sm"
            shortcut={railKey}
            side="right"
            aria-expanded={wide}
            onClick={onToggle}
          />
        </span>
      </header>

      <nav aria-label={words.frame.screens} className="rail-places">
        {places.map(({ to, label, icon: Icon }) => {
          const shortcut = keyOfPlace[to.screen];
          // Personas are reached from the chat.
          const here = to.screen === (screen === 'personas' ? 'chat' : screen);
          const isLive = to.screen === 'server' && isServing;
          const place = (
            <a
              href={href(to.screen === 'chat' ? chatPlace : to)}
              className="rail-place"
              aria-current={here ? 'page' : undefined}
              aria-label={isLive ? words.frame.serverOn : label}
            >
              <span className="rail-icon" data-live={isLive || undefined}>
                <Icon size={18} strokeWidth={1.8} aria-hidden="true" />
              </span>
              <span className="rail-words">{label}</span>{' '}
              {isLive ? <span className="rail-words rail-live">{words.ui.on}</span> : null}
            </a>
          );
          return (
            <RailTip key={label} wide={wide} text={isLive ? words.frame.serverOn : label} shortcut={shortcut}>
              {place}
            </RailTip>
          );
        })}
        <RailTip wide={wide} text={words.frame.commands} shortcut={paletteKey}>
          <button
            type="button"
            className="rail-place"
            aria-label={wide ? undefined : words.frame.commands}
            onClick={onPalette}
          >
            <Search size={18} strokeWidth={1.8} aria-hidden="true" />
            <span className="rail-words">{words.frame.commands}</span>
            <span className="rail-words rail-keys">
              {paletteKey === undefined ? null : <Kbd shortcut={paletteKey} />}
            </span>
          </button>
        </RailTip>
      </nav>

      <section aria-label={words.frame.downloadsAndMemory} className="rail-foot">
        {info.value?.offline ? (
          <RailTip wide={wide} text={words.frame.offlineTip}>
            <span className="rail-offline" tabIndex={0}>
              <WifiOff size={18} strokeWidth={1.8} aria-hidden="true" />
              <span className="rail-words">{words.frame.offline}</span>
            </span>
          </RailTip>
        ) : null}
        <DownloadTray />
        <MachineGauge wide={wide} />
      </section>
    </div>
  );
}

/** A tooltip for the narrow rail; the wide rail has the label beside the icon. */
function RailTip({
  wide,
  text,
  shortcut,
  children,
}: {
  wide: boolean;
  text: string;
  shortcut?: string | undefined;
  children: ReactElement;
}) {
  if (wide) return children;
  return (
    <Tooltip text={text} side="right" shortcut={shortcut}>
      {children}
    </Tooltip>
  );
}
