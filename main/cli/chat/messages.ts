/** Typed lines as messages: a message is a line, several with `\` at their ends, or all between two `"""`. */

export interface MessageLines {
  /** Takes a line; answers the message that it completes, or null while more of it is to come. */
  push(line: string): string | null;
  /** The message that the end of the input completes; null without one. */
  end(): string | null;
  /** Whether a message has begun that no line has completed. */
  readonly isOpen: boolean;
  /** Drops what has begun. */
  clear(): void;
}

const QUOTES = '"""';

export function createMessageLines(): MessageLines {
  let lines: string[] = [];
  let isQuoted = false;
  const complete = (): string => {
    const text = lines.join('\n');
    lines = [];
    isQuoted = false;
    return text;
  };
  return {
    get isOpen() {
      return isQuoted || lines.length > 0;
    },
    push(line) {
      if (isQuoted) {
        const end = line.trimEnd();
        if (!end.endsWith(QUOTES)) {
          lines.push(line);
          return null;
        }
        const last = end.slice(0, -QUOTES.length);
        if (last !== '') lines.push(last);
        return complete();
      }
      const begin = line.trimStart();
      if (lines.length === 0 && begin.startsWith(QUOTES)) {
        const rest = begin.slice(QUOTES.length);
        const end = rest.trimEnd();
        if (end.endsWith(QUOTES)) return end.slice(0, -QUOTES.length);
        isQuoted = true;
        if (rest !== '') lines.push(rest);
        return null;
      }
      if (line.endsWith('\\')) {
        lines.push(line.slice(0, -1));
        return null;
      }
      lines.push(line);
      return complete();
    },
    end: () => (lines.length === 0 ? null : complete()),
    clear() {
      lines = [];
      isQuoted = false;
    },
  };
}
