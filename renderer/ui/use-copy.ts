import { useCallback, useEffect, useRef, useState } from 'react';
import { toast } from './layers/toast.ts';
import { words } from '../words/words.ts';

/** Copies text to the clipboard. `copied` is true for two seconds afterwards; a failure is shown in a toast. */
export function useCopy(): { readonly copied: boolean; readonly copy: (text: string) => void } {
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    return () => clearTimeout(timer.current);
  }, []);
  const copy = useCallback((text: string) => {
    void copyText(text).then((done) => {
      if (!done) return;
      setCopied(true);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => setCopied(false), 2_000);
    });
  }, []);
  return { copied, copy };
}

/** Copies, and shows a toast when the system refuses. Never rejects. */
export async function copyText(text: string): Promise<boolean> {
  return await copyWith(() => navigator.clipboard.writeText(text));
}

/** Copies a text in two forms, of which the program that it is pasted into takes the one that it knows. */
export async function copyRich({ html, text }: { html: string; text: string }): Promise<boolean> {
  const blobs = { 'text/html': html, 'text/plain': text };
  const parts = Object.entries(blobs).map(([type, value]) => [type, new Blob([value], { type })] as const);
  return await copyWith(() => navigator.clipboard.write([new ClipboardItem(Object.fromEntries(parts))]));
}

async function copyWith(write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch {
    toast({
      text: words.ui.copyFailed,
      detail: words.ui.copyRefused,
      tone: 'red',
    });
    return false;
  }
}
