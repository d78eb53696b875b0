/** Settings as the page shows them: without the secrets in them. */
import { MAX_SEARCHED_CHARS, withoutSecrets } from '../../base/without-secrets.ts';

/** So much of a key tells it from others, as in the list of keys. */
const BEGINNING = 12;

/** The text line by line without secrets. Of the key that is being written the beginning stays, so that its line differs from before. */
export function shownSettings(text: string, secret: string | null): string {
  const parts = secret === null ? [text] : text.split(secret);
  return (
    parts
      .map((part) => part.split('\n').map(maskedLine).join('\n'))
      // The quote before the key looks like a value, and a mark for it would stand before the beginning.
      .map((shown, index) => (index < parts.length - 1 ? shown.replace(/…$/, '') : shown))
      .join(secret === null ? '' : `${secret.slice(0, BEGINNING)}…`)
  );
}

/** A line that is too long to be searched holds something that nobody reads. */
const maskedLine = (line: string): string =>
  line.length > MAX_SEARCHED_CHARS ? `${line.slice(0, 80)}…` : withoutSecrets(line);
