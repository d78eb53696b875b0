/**
 * The ids of models elsewhere: `remote--PROVIDER/NAME`, with what an id cannot contain percent-encoded. Two hyphens never occur in the id of a
 * repository of the Hub. Without zod, so that the page can import them without it.
 */

export const REMOTE_PREFIX = 'remote--';

export const isRemoteModelId = (modelId: string): boolean => modelId.startsWith(REMOTE_PREFIX);

/** The provider and the model's own name; null for the id of a model on this computer. */
export function parseRemoteModelId(modelId: string): { readonly providerId: string; readonly name: string } | null {
  const [, providerId = '', escaped = ''] = /^remote--([a-z0-9-]{1,40})\/(.+)$/s.exec(modelId) ?? [];
  if (providerId === '') return null;
  return {
    providerId,
    name: escaped.replaceAll(/%([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
  };
}
