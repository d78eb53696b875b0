/** Settings: what is on this computer. */
import type { stored as english } from '../en/stored.ts';

export const stored: typeof english = {
  places: {
    data: {
      name: 'Datenordner',
      text: 'Er enthält alles, was darunter steht. Eine Kopie dieses Ordners ist eine Kopie aller Chats.',
    },
    database: { name: 'Datenbank', text: 'Chats, Einstellungen und Listen.' },
    files: {
      name: 'Dateien von Nachrichten',
      text: 'Anhänge. Sie werden mit der letzten Nachricht gelöscht, die auf sie verweist.',
    },
    states: {
      name: 'Zustände von Chats',
      text: 'Was Modelle schon gelesen haben, damit ein Chat sofort weitergeht.',
    },
    backups: { name: 'Sicherungen', text: 'Kopien der Datenbank.' },
    logs: {
      name: 'Protokolle',
      text: 'Was Hearth getan hat. Sie enthalten keinen Text aus Chats und keine Zugriffstoken.',
    },
  },
  models: 'Modelle',
  modelsText: 'Im Modellordner, mit allen Downloads.',
  open: (name) => `${name} öffnen`,
  copyPath: (name) => `Pfad kopieren: ${name}`,
};
