import type { LucideIcon } from 'lucide-react';
import { Tabs as RadixTabs } from 'radix-ui';
import type { ReactNode } from 'react';
import '../display/display.css';

export interface Tab<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly count?: number;
}

/** Tabs. `children` is the panel of the selected tab. */
export function Tabs<V extends string>({
  label,
  value,
  onChange,
  tabs,
  actions,
  children,
}: {
  label: string;
  value: V;
  onChange: (value: V) => void;
  tabs: readonly Tab<V>[];
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <RadixTabs.Root className="tabs" value={value} onValueChange={(next) => onChange(next as V)}>
      <div className="tabs-head">
        <RadixTabs.List className="tabs-list" aria-label={label}>
          {tabs.map(({ value: tab, label: text, icon: Icon, count }) => (
            <RadixTabs.Trigger key={tab} value={tab} className="tab">
              {Icon ? <Icon size={15} aria-hidden="true" /> : null}
              {text}
              {count === undefined ? null : <span className="tab-count num">{count}</span>}
            </RadixTabs.Trigger>
          ))}
        </RadixTabs.List>
        {actions ? <div className="tabs-actions">{actions}</div> : null}
      </div>
      <RadixTabs.Content value={value} className="tabs-panel" tabIndex={-1}>
        {children}
      </RadixTabs.Content>
    </RadixTabs.Root>
  );
}
