import { Component, type ReactNode } from 'react';
import { encodeError, type ErrorBody } from '../../preload/wire/errors.ts';
import { ErrorCard } from '../parts/ErrorCard.tsx';
import { words } from '../words/words.ts';

interface Props {
  readonly children: ReactNode;
}

/** Keeps a render error on one screen from taking down the window. A class, because React has no hook for this. */
export class ErrorBoundary extends Component<Props, { error: ErrorBody | null }> {
  override state: { error: ErrorBody | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: ErrorBody } {
    return { error: encodeError(error) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div className="screen-error">
        <ErrorCard
          error={error}
          title={words.frame.broken}
          actions={[
            { label: words.frame.showAgain, run: () => this.setState({ error: null }), primary: true },
            { label: words.frame.reloadWindow, run: () => window.location.reload() },
          ]}
        />
      </div>
    );
  }
}
