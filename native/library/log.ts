/** What llama.cpp prints, through its own logger. */
import koffi from 'koffi';
import { bind, type Pointer } from './functions.ts';
import type { LibraryHandle } from 'koffi';

export interface LlamaLog {
  /** Calls `listener` with each piece of text that is logged from now on, which may be a part of a line. Null: nobody listens. */
  listen(listener: ((text: string) => void) | null): void;
  /** Forgets the errors so far. */
  clearErrors(): void;
  /** The latest lines that were logged as errors. */
  errors(): readonly string[];
  /** The latest of them that says why something failed, without the function that logged it. */
  cause(): string;
}

/** Levels of ggml.h. */
const ERROR = 4;
/** Continues the line before it. */
const CONTINUES = 5;
/** A line that follows the cause. */
const saysOnlyThat = /^failed to load model$/;
const KEPT_ERRORS = 20;
const MAX_LINE_CHARS = 500;

/** Takes over the logger of llama.cpp and ggml for the life of this process. */
export function openLog(llama: LibraryHandle): LlamaLog {
  let listener: ((text: string) => void) | null = null;
  const errors: string[] = [];
  let level = 0;
  const callback = koffi.register(
    (logged: number, text: string | null) => {
      if (logged !== CONTINUES) level = logged;
      if (text === null) return;
      const line = text.trim().slice(0, MAX_LINE_CHARS);
      if (level === ERROR && /[a-z]/i.test(line)) {
        errors.push(line);
        if (errors.length > KEPT_ERRORS) errors.shift();
      }
      listener?.(text);
    },
    koffi.pointer(koffi.proto('void', ['int32', 'str', 'void *'])),
  );
  bind<[bigint, Pointer], void>(llama, 'llama_log_set', 'void', ['void *', 'void *'])(callback, null);
  return {
    listen(next) {
      listener = next;
    },
    clearErrors() {
      errors.length = 0;
    },
    errors: () => errors,
    cause() {
      const told = errors.map((line) => line.replace(/^(?:\w+: |error loading model: )+/, ''));
      return told.findLast((line) => !saysOnlyThat.test(line)) ?? told.at(-1) ?? 'no reason was given';
    },
  };
}
