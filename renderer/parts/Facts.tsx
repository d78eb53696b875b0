import type { ReactNode } from 'react';

export interface Fact {
  readonly name: string;
  /** Null hides the fact. */
  readonly value: ReactNode;
}

/** Names and values in columns. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="models-facts">
      {facts
        .filter((fact) => fact.value !== null)
        .map((fact) => (
          <div key={fact.name}>
            <dt>{fact.name}</dt>
            <dd className="num">{fact.value}</dd>
          </div>
        ))}
    </dl>
  );
}
