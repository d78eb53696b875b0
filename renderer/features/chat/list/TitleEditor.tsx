import { useEffect, useRef, useState } from 'react';

/** The name of a row while it is edited. `onDone` with null: no change. */
export function TitleEditor({
  title,
  label,
  maxLength,
  onDone,
}: {
  title: string;
  label: string;
  maxLength: number;
  onDone: (title: string | null) => void;
}): React.JSX.Element {
  const [value, setValue] = useState(title);
  const field = useRef<HTMLInputElement>(null);
  const over = useRef(false);
  useEffect(() => {
    // One frame later, because a closing menu first returns the focus to its button.
    const frame = requestAnimationFrame(() => field.current?.select());
    return () => cancelAnimationFrame(frame);
  }, []);
  const finish = (next: string | null): void => {
    // Enter is followed by a blur.
    if (over.current) return;
    over.current = true;
    const trimmed = next?.trim() ?? '';
    onDone(trimmed === '' ? null : trimmed);
  };
  return (
    <input
      ref={field}
      className="chat-row-title"
      aria-label={label}
      dir="auto"
      maxLength={maxLength}
      value={value}
      onChange={(event) => setValue(event.target.value)}
      onBlur={() => document.hasFocus() && finish(value)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Enter') finish(value);
        else if (event.key === 'Escape') {
          event.stopPropagation();
          finish(null);
        } else return;
        event.preventDefault();
      }}
    />
  );
}
