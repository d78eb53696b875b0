/** Notices: events without a call that waits for them. */
import type { NotDeleted, NotDeletedReason, Notice, SavedCount } from '../../../preload/contract/system.ts';
import type { notices as english } from '../en/notices.ts';
import { formatInteger, plural } from '../format.ts';

const reasons: Readonly<Record<Exclude<NotDeletedReason, 'other'>, string>> = {
  open_elsewhere: 'Ein anderes Programm hat eine der Dateien geöffnet.',
  denied: 'Das System lässt Hearth dort nicht löschen, oder ein anderes Programm hat eine der Dateien geöffnet.',
  read_only_disk: 'Der Datenträger ist schreibgeschützt.',
  disk_error: 'Der Datenträger hat einen Fehler gemeldet.',
};

/** What the system said, for people. */
function systemReason(reason: NotDeletedReason, message: string): string {
  return reason === 'other' ? `Das System meldet „${message.replace(/\.$/, '')}“.` : reasons[reason];
}

const SHOWN_MS = 10_000;
/** For what changes the user's own data: it must be read. */
const LONG_MS = 120_000;

const counted = ({ saved, lost }: SavedCount, one: string, many: string): string =>
  lost === null || lost === 0
    ? `${formatInteger(saved)} ${saved === 1 ? one : many}`
    : `${formatInteger(saved)} von ${formatInteger(saved + lost)} ${many}`;

/** `reasonOf` gives the sentence for an error or the system's reason. */
function notice(notice: Notice, reasonOf: (failure: NotDeleted) => string): ReturnType<typeof english.notice> {
  switch (notice.code) {
    case 'not_deleted':
      return {
        title: `${notice.name} wurde nicht gelöscht`,
        text: `${reasonOf(notice)} Der Eintrag steht wieder in der Liste.`,
        ms: SHOWN_MS,
      };
    case 'store_salvaged': {
      const { chats, messages, parts, keptAs } = notice;
      const saved = `${counted(chats, 'Chat', 'Chats')} und ${counted(messages, 'Nachricht', 'Nachrichten')}`;
      const isUnknown = [chats, messages, parts].some(({ lost }) => lost === null);
      const partsLost = parts.lost ?? 0;
      return {
        title: 'Die Chat-Datenbank war beschädigt',
        text:
          `Hearth hat ${saved} gerettet${isUnknown ? '; wie viel fehlt, lässt sich nicht feststellen' : ''}. ` +
          (partsLost > 0
            ? `In diesen Nachrichten ${plural(partsLost, { one: 'fehlt # Teil (Text oder Datei)', other: 'fehlen # Teile (Texte oder Dateien)' })}. `
            : '') +
          `Die beschädigte Datei bleibt 30 Tage lang als ${keptAs} im Datenordner.`,
        ms: LONG_MS,
      };
    }
    case 'chat_not_purged':
      return {
        title: 'Ein gelöschter Chat liegt noch auf dem Datenträger',
        text: `${reasonOf(notice)} Der Chat bleibt ausgeblendet, und Hearth löscht ihn beim nächsten Start.`,
        ms: LONG_MS,
      };
    case 'unexpected_error':
      return {
        title: 'In Hearth ist etwas fehlgeschlagen',
        text: `Hearth läuft weiter, und die Chats sind sicher. Einzelheiten stehen im Protokoll: ${notice.logFile}`,
        ms: SHOWN_MS,
      };
    default:
      return notice satisfies never;
  }
}

export const notices: typeof english = { notice, systemReason };
