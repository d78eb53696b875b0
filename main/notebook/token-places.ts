/** Where the tokens of a model stand in the text that they make. */
import type { PlacedToken } from '../../preload/contract/notebook.ts';
import type { TokenAlternative } from '../../preload/contract/chat.ts';

/** A token as the engine tells it, of a prompt or a reply. */
type Token = Omit<PlacedToken, 'from' | 'to' | 'alternatives'> & {
  readonly alternatives?: readonly TokenAlternative[];
};

export interface TokenPlaces {
  /** Adds text, and the tokens that are known by now. Returns those whose text has come. */
  add(text: string, tokens: readonly Token[]): PlacedToken[];
}

/**
 * Places for tokens of a text that comes piece by piece. Text may come later than its tokens, since the end of a reply may be held back.
 * Characters of several tokens belong to the last of them. A token whose text is not where it should be has no width, as the space with
 * which a vocabulary begins each text.
 */
export function createTokenPlaces(): TokenPlaces {
  const decoder = new TextDecoder();
  let text = '';
  let at = 0;
  let waiting: { readonly token: Token; readonly piece: string }[] = [];

  return {
    add(more, tokens) {
      text += more;
      for (const token of tokens) {
        const bytes = token.bytes ? Uint8Array.from(token.bytes) : new TextEncoder().encode(token.text);
        waiting.push({ token, piece: decoder.decode(bytes, { stream: true }) });
      }
      const placed: PlacedToken[] = [];
      while (waiting[0]) {
        const { token, piece } = waiting[0];
        // What has come of the text may still be a beginning of the piece.
        if (text.length - at < piece.length && piece.startsWith(text.slice(at))) break;
        const shown = [piece, piece.replace(/^ /, '')].find((one) => text.startsWith(one, at)) ?? '';
        waiting = waiting.slice(1);
        placed.push({ ...token, alternatives: token.alternatives ?? [], from: at, to: at + shown.length });
        at += shown.length;
      }
      return placed;
    },
  };
}
