import { Tabs as RadixTabs } from 'radix-ui';
import type { ReactNode } from 'react';
import '../display/display.css';

export interface SideTabGroup<V extends string> {
  readonly heading: string;
  readonly tabs: readonly { readonly value: V; readonly label: string; readonly end?: ReactNode }[];
}

/** Tabs in groups, one below the other beside their panel; in a narrow place above it, side by side. */
export function SideTabs<V extends string>({
  label,
  value,
  onChange,
  groups,
  children,
}: {
  label: string;
  value: V;
  onChange: (value: V) => void;
  groups: readonly SideTabGroup<V>[];
  children: ReactNode;
}) {
  return (
    <RadixTabs.Root
      className="side-tabs"
      orientation="vertical"
      value={value}
      onValueChange={(next) => onChange(next as V)}
    >
      <RadixTabs.List className="side-tabs-list" aria-label={label}>
        {groups.map(({ heading, tabs }) => (
          <div key={heading} role="presentation" className="side-tabs-group">
            <span className="side-tabs-heading" aria-hidden="true">
              {heading}
            </span>
            {tabs.map(({ value: tab, label: text, end }) => (
              <RadixTabs.Trigger key={tab} value={tab} className="side-tab">
                <span className="truncate">{text}</span>
                {end}
              </RadixTabs.Trigger>
            ))}
          </div>
        ))}
      </RadixTabs.List>
      <RadixTabs.Content value={value} className="side-tabs-panel" tabIndex={-1}>
        {children}
      </RadixTabs.Content>
    </RadixTabs.Root>
  );
}
