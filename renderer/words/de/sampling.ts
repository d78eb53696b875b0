/** Sampling: each control by the field's name, with a plain sentence below it. */
import type { sampling as english } from '../en/sampling.ts';
import { formatInteger, plural } from '../format.ts';

export const sampling: typeof english = {
  title: 'Sampling',
  temperature: {
    label: 'Temperatur',
    hint: 'Niedrig ist vorhersehbar, hoch überraschend. 0 nimmt immer das wahrscheinlichste Token.',
  },
  topP: {
    label: 'Top-p',
    hint: 'Behält die wahrscheinlichsten Token, die zusammen diese Wahrscheinlichkeit erreichen. 1 ist aus.',
  },
  topK: { label: 'Top-k', hint: 'Behält so viele der wahrscheinlichsten Token. 0 ist aus.' },
  minP: {
    label: 'Min-p',
    hint: 'Verwirft Token, die unter diesem Bruchteil der Wahrscheinlichkeit des besten liegen. 0 ist aus.',
  },
  repeatPenalty: {
    label: 'Wiederholungsstrafe',
    hint: 'Macht Token, die vor Kurzem vorkamen, unwahrscheinlicher. 1 ist aus.',
  },
  presencePenalty: {
    label: 'Präsenzstrafe',
    hint: 'Senkt jedes Token, das schon vorkam, einmal. 0 ist aus.',
  },
  frequencyPenalty: {
    label: 'Häufigkeitsstrafe',
    hint: 'Senkt ein Token mit jedem Vorkommen weiter. 0 ist aus.',
  },
  penaltyTokens: {
    label: 'Reichweite der Strafen',
    hint: 'Wie viele der letzten Token die Strafen berücksichtigen. Aus: 64, ohne Wiederholungsstrafe 4.096.',
    number: 'Token, die die Strafen berücksichtigen',
  },
  minTokens: {
    label: 'Mindestzahl an Token',
    hint: 'Vorher kann das Modell seinen Text nicht beenden.',
    number: 'Mindestzahl an Token',
  },
  maxTokens: {
    label: 'Höchstzahl an Token',
    hint: 'Beendet eine Antwort nach so vielen Token. Aus: Das Modell entscheidet.',
    number: 'Höchstzahl an Token',
  },
  seed: {
    label: 'Fester Seed',
    hint: 'Derselbe Seed und dieselben Nachrichten ergeben dieselbe Antwort.',
    number: 'Seed',
  },
  moreChanged: (count: number): string =>
    count > 0
      ? `Mehr (${plural(count, { one: '# weicht vom Standard ab', other: '# weichen vom Standard ab' })})`
      : 'Mehr',
  differs: 'Weicht vom Standard ab',
  resetOne: (name: string): string => `${name} zurücksetzen`,
  more: (inUse: number): string => (inUse > 0 ? `Mehr (${formatInteger(inUse)} in Gebrauch)` : 'Mehr'),
  stop: {
    label: 'Stopptexte',
    hint: 'Die Antwort endet vor dem ersten davon. Ein Zeilenumbruch wird als \\n eingegeben.',
  },
  alternatives: {
    label: 'Alternativen anzeigen (logprobs)',
    hint: 'Behält die Wahrscheinlichkeit jedes Tokens einer Antwort und was dort sonst hätte stehen können.',
  },
  xtc: {
    label: 'XTC (Favoriten auslassen)',
    hint: 'Lässt ab und zu die wahrscheinlichsten Token aus, für lebendigere Texte.',
    probability: 'XTC-Wahrscheinlichkeit',
    threshold: 'XTC-Schwelle',
  },
  dry: {
    label: 'DRY (wiederholte Wendungen)',
    hint: 'Macht Wendungen, die schon vorkamen, unwahrscheinlicher.',
    multiplier: 'Multiplikator',
    base: 'Basis',
    allowedLength: 'Erlaubte Länge',
    range: 'Reichweite (0: alles)',
    breakers: 'Trennzeichen',
    breakersHint:
      'Über diese hinweg zählt nichts als wiederholt. Leer: Zeilenenden, Doppelpunkte, Anführungszeichen und Sternchen.',
  },
  bias: {
    label: 'Logit-Bias',
    hint: '−100 verbietet ein Wort, 100 erzwingt es; kleine Zahlen geben einen Anstoß.',
    placeholder: 'Ein Wort',
    add: 'Wort hinzufügen',
    of: (text: string): string => `Bias von „${text}“`,
    remove: (text: string): string => `„${text}“ entfernen`,
  },
  structure: {
    label: 'Strukturierte Ausgabe',
    off: 'Aus',
    jsonSchema: 'JSON-Schema',
    grammar: 'Grammatik (GBNF)',
    waiting: 'Noch nicht in Gebrauch.',
    inUse: 'In Gebrauch: Jede Antwort hat diese Form.',
    empty: 'Antworten sind frei, bis hier etwas eingegeben wird.',
    use: 'Verwenden',
    valid: 'Gültig: Eine Antwort kann daran gebunden werden.',
    at: (line: number, column: number, problem: string): string =>
      `Zeile ${formatInteger(line)}, Spalte ${formatInteger(column)}: ${problem}`,
  },
  /** Of one chat. */
  resetAll: 'Alle auf Standard setzen',
  usesDefaults: 'Dieser Chat hat keine eigenen Werte.',
  own: 'Diese Werte gelten nur für diesen Chat.',
  reset: 'Das Sampling wurde auf den Standard zurückgesetzt.',
  resetAction: 'Auf Standard zurücksetzen',
};
