import { useEffect, useRef, useState } from 'react';
import { highlight, MAX_COLORED_CHARS } from './highlighter.ts';
import type { CodeTokens } from './token-kinds.ts';

interface Code {
  readonly language: string;
  readonly code: string;
}

interface Colored extends Code {
  readonly tokens: CodeTokens;
}

interface Colorer {
  /** The code as it is now. */
  update(code: Code): void;
  close(): void;
}

/** Code that grows is colored again after this many times what coloring it took, so that a long one does not keep the thread busy. */
const REST_FACTOR = 4;

/** Colors the newest code that it was told, one after the other. */
function createColorer(onColored: (colored: Colored) => void): Colorer {
  const closed = new AbortController();
  let latest: Code | undefined;
  let begun: Code | undefined;
  let isBusy = false;
  const color = async (code: Code): Promise<void> => {
    isBusy = true;
    begun = code;
    const from = performance.now();
    const tokens = await highlight(code.language, code.code, closed.signal);
    if (closed.signal.aborted) return;
    if (tokens !== null) onColored({ ...code, tokens });
    const rest = (performance.now() - from) * REST_FACTOR;
    await new Promise((resolve) => setTimeout(resolve, rest));
    isBusy = false;
    if (latest && latest.code !== begun.code) start(latest);
  };
  const start = (code: Code): void => {
    if (!isBusy && !closed.signal.aborted) void color(code);
  };
  return {
    update(code) {
      latest = code;
      start(code);
    },
    close: () => closed.abort(),
  };
}

/**
 * The tokens of `code`, or of the part of it that is colored so far; null before that, and where there are no colors. The page never waits
 * for them.
 */
export function useHighlighted(language: string, code: string): CodeTokens | null {
  const [colored, setColored] = useState<Colored | null>(null);
  const colorer = useRef<Colorer>(undefined);
  const isWanted = language !== '' && code.length <= MAX_COLORED_CHARS;
  useEffect(() => {
    if (!isWanted) return;
    const created = createColorer(setColored);
    colorer.current = created;
    return () => created.close();
  }, [isWanted, language]);
  useEffect(() => {
    if (isWanted) colorer.current?.update({ language, code });
  }, [isWanted, language, code]);
  const fits = isWanted && colored?.language === language && code.startsWith(colored.code);
  return fits ? colored.tokens : null;
}
