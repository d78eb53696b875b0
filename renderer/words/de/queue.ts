/** Messages that wait for the end of a reply, and the prompt of a reply. */
import type { queue as englishQueue, seenPrompt as englishSeenPrompt } from '../en/queue.ts';

export const queue: typeof englishQueue = {
  add: 'Nach dieser Antwort senden',
  title: 'Wartende Nachrichten',
  next: 'Wird gesendet, wenn die Antwort endet',
  held: 'Nicht gesendet, weil die Antwort davor nicht von selbst geendet hat.',
  sendNext: 'Nächste senden',
  sendNow: (text) => `Jetzt senden: ${text}`,
  edit: (text) => `Bearbeiten: ${text}`,
  remove: (text) => `Entfernen: ${text}`,
  removed: 'Die wartende Nachricht wurde entfernt',
  notKept: 'Die Nachricht konnte nicht warten und steht wieder im Eingabefeld',
};

export const seenPrompt: typeof englishSeenPrompt = {
  act: 'Was das Modell gesehen hat',
  title: 'Was das Modell gesehen hat',
  text: 'Was das Modell vor dieser Antwort gelesen hat, in seinen eigenen Token.',
  same: 'Aus diesem Chat neu erzeugt: Jedes Token ist das, was das Modell gelesen hat.',
  differs:
    'Aus diesem Chat neu erzeugt und nicht das, was das Modell gelesen hat: Der System-Prompt, die Nachrichten, das Modell oder seine Einstellungen sind jetzt andere, oder das Chat-Template enthält das Datum.',
  unknown:
    'Aus diesem Chat neu erzeugt. Bei einer Antwort aus einer älteren Version ist nicht bekannt, ob das Modell genau das gelesen hat.',
  continued: 'Die Antwort wurde fortgesetzt: Beim letzten Mal hat das Modell auch ihren Anfang gelesen.',
  notLoaded: 'Das Modell muss geladen sein, denn es erzeugt die Token.',
  load: 'Modell laden',
};
