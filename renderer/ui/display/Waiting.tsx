import { Spinner } from './Spinner.tsx';
import './display.css';

/** A line that says what is waited for, announced. */
export function Waiting({ text }: { readonly text: string }) {
  return (
    <p className="waiting secondary" role="status">
      <Spinner size={14} /> {text}
    </p>
  );
}
