/** The form of a server elsewhere. What is secret is not known to the page: it is kept in main unless it is entered again. */
import type { ProviderEntry, ProviderInput } from '../../../../preload/contract/providers.ts';

/** The subject of notices about a server: a later one takes the place of an earlier. */
export const providerSubject = (id: string): string => `provider ${id}`;

export interface HeaderDraft {
  /** For React, which needs a name that does not change while it is edited. */
  readonly key: number;
  readonly name: string;
  readonly value: string;
  /** A value is stored, and stays while the field is empty. */
  readonly kept: boolean;
}

export interface Draft {
  readonly name: string;
  readonly address: string;
  readonly secret: string;
  readonly headers: readonly HeaderDraft[];
  /** Empty: what is stored stays. */
  readonly certificates: string;
  /** What is stored is forgotten, where nothing is entered in its place. */
  readonly forgetsCertificates: boolean;
}

export function draftOf(provider: ProviderEntry | null): Draft {
  return {
    name: provider?.name ?? '',
    address: provider?.address ?? '',
    secret: '',
    headers: (provider?.headerNames ?? []).map((name, key) => ({ key, name, value: '', kept: true })),
    certificates: '',
    forgetsCertificates: false,
  };
}

/** What keeps a server as it is. */
export function inputOf({ id, kind, name, address, headerNames, enabled }: ProviderEntry): ProviderInput {
  return { id, kind, name, address, headers: headerNames.map((header) => ({ name: header, value: null })), enabled };
}

/** What the form says. Rows without a name are passed over. */
export function inputOfDraft(draft: Draft, provider: ProviderEntry | null): ProviderInput {
  const headers = draft.headers.filter(({ name }) => name.trim() !== '');
  const hasCertificates = draft.certificates.trim() !== '';
  return {
    id: provider?.id ?? null,
    kind: 'openai-compatible',
    name: draft.name.trim(),
    address: draft.address.trim(),
    headers: headers.map(({ name, value, kept }) => ({
      name: name.trim(),
      value: kept && value === '' ? null : value,
    })),
    ...((hasCertificates || draft.forgetsCertificates) && {
      certificates: hasCertificates ? draft.certificates : null,
    }),
    enabled: provider?.enabled ?? false,
  };
}

/** Whether the address is on another host than the one that the key was stored for. */
export function isOtherHost(address: string, provider: ProviderEntry | null): boolean {
  if (provider === null) return false;
  const entered = URL.parse(address.trim());
  return entered !== null && entered.origin !== URL.parse(provider.address)?.origin;
}
