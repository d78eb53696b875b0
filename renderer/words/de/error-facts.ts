/** Parts of the words for errors that are made of their facts. A fact is checked, because main may leave it out. */
import type * as english from '../en/error-facts.ts';
import { formatBytes, formatInteger, plural } from '../format.ts';

export type { ErrorText, ErrorWords, ReasonWords } from '../en/error-facts.ts';

export const size: typeof english.size = (bytes) => formatBytes(typeof bytes === 'number' ? bytes : 0);
export const text: typeof english.text = (fact, otherwise) =>
  typeof fact === 'string' && fact !== '' ? fact : otherwise;
/** Where in a header something is wrong; empty where main does not say. */
export const atField: typeof english.atField = (field) =>
  typeof field === 'string' && field !== '' ? ` (${field})` : '';
export const isNumber: typeof english.isNumber = (fact): fact is number => typeof fact === 'number';

/** The length of a prompt beside the context size; empty where main does not give the two. */
export const roomWords: typeof english.roomWords = ({ neededTokens, contextSize, isEstimate }) => {
  if (!isNumber(neededTokens) || !isNumber(contextSize)) return '';
  const needed = `Der Prompt hat ${isEstimate === true ? 'etwa ' : ''}${plural(neededTokens, { one: '# Token', other: '# Token' })}`;
  return neededTokens <= contextSize
    ? `${needed} und füllt damit die ganze Kontextgröße: Für eine Antwort bleibt kein Platz. `
    : `${needed}, die Kontextgröße ist ${formatInteger(contextSize)}. `;
};

/** The name of the proxy in a sentence. */
export const proxyName: typeof english.proxyName = (proxy) =>
  typeof proxy === 'string' ? `Der Proxy ${proxy}` : 'Ein Proxy auf dem Weg zum Hub';

/** Where the proxy's address is set, and its form. */
export const proxyPlace: typeof english.proxyPlace = ({ proxy, variable }) => {
  const address = `http://name:passwort@${text(proxy, 'host:port')}`;
  return typeof variable === 'string'
    ? `Hearth mit ${variable}=${address} starten.`
    : `Seine Adresse in der Form ${address} unter Einstellungen > Netzwerk eintragen.`;
};
