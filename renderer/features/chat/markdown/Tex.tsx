/** A formula, typeset by KaTeX, which is loaded with the first one. Until then, and where KaTeX cannot read it, its source is shown. */
import { Component, lazy, Suspense, type ReactNode } from 'react';

/** Longer formulas are hostile, or are none. */
const MAX_CHARS = 5_000;

const Typeset = lazy(() => import('./Typeset.tsx').then((module) => ({ default: module.Typeset })));

export function Tex({ tex, display }: { tex: string; display: boolean }): React.JSX.Element {
  const source = <code className={display ? 'chat-tex-source chat-tex-display' : 'chat-tex-source'}>{tex}</code>;
  if (tex.length > MAX_CHARS) return source;
  return (
    <IfLoaded fallback={source}>
      <Suspense fallback={source}>
        <Typeset tex={tex} display={display} source={source} />
      </Suspense>
    </IfLoaded>
  );
}

/** A part of the page that cannot be loaded, as after an update, leaves the source. */
class IfLoaded extends Component<{ fallback: ReactNode; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }
  override render(): ReactNode {
    return this.state.failed ? this.props.fallback : this.props.children;
  }
}
