/** A model's chat template, tried out. */
import type { templateTrial as english } from '../en/template-trial.ts';
import { formatInteger, plural } from '../format.ts';

export const templateTrial: typeof english = {
  title: 'Chat-Template ausprobieren',
  intro: 'Der genaue Text, den dieses Modell für ein Gespräch erhält, und wie Hearth seine Antworten liest.',
  used: 'Template',
  fromFile: 'Aus der Datei des Modells',
  ownTokens: 'BOS und EOS',
  specialTokens: 'Besondere Token',
  none: 'keines',
  messages: 'Nachrichten',
  messagesHint: 'Als JSON, in der Form der API von OpenAI.',
  example: 'Wie ist das Wetter in Oslo?',
  tools: 'Tools',
  toolsHint: 'Optional. Als JSON, in der Form der API von OpenAI.',
  now: 'Zeitpunkt',
  nowExample: '2026-01-31T12:00:00',
  nowHint: 'Optional. Manche Templates schreiben das Datum; leer bedeutet jetzt.',
  rendering: 'Ergebnis',
  count: (characters, tokens) =>
    `${plural(characters, { one: '# Zeichen', other: '# Zeichen' })}${tokens === null ? '' : `, ${plural(tokens, { one: '# Token', other: '# Token' })}`}`,
  notCounted: 'Token werden gezählt, solange das Modell geladen ist.',
  cut: (characters) => `Die ersten ${formatInteger(characters)} Zeichen werden gezeigt. „Kopieren“ kopiert alle.`,
  refused: (reason) =>
    `Das Template lehnt dieses Gespräch ab: „${reason}“. Gezeigt wird, was das Modell in einem Chat stattdessen erhält.`,
  leavesToolsOut: 'Das Template lässt die Tools weg. In einem Chat werden sie dem Modell in Worten beschrieben.',
  reply: 'Antwort lesen',
  replyHint: 'Den rohen Text einer Antwort auf diese Nachrichten einfügen.',
  reading: 'Gelesen als',
};
