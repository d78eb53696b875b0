/** The ids of models elsewhere: `remote--PROVIDER/NAME`. Two hyphens never occur in the id of a repository of the Hub. */
import { modelIdSchema } from '../../../preload/contract/model.ts';

const PREFIX = 'remote--';

/** What an id cannot contain as it is: the sign of the encoding, backslashes and control characters. */
const unfit = /[%\\\u0000-\u001f\u007f]/g;

/** The id of a provider's model; null for a name that no id can have because of its length or of lone surrogates. */
export function remoteModelId(providerId: string, name: string): string | null {
  if (name === '' || !name.isWellFormed()) return null;
  const escaped = name
    .replaceAll(unfit, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
    .split('/')
    .map((part) => (part === '.' || part === '..' ? part.replaceAll('.', '%2E') : part))
    .join('/')
    // An empty part is what stands between two slashes, at the beginning and at the end.
    .replace(/^\//, '%2F')
    .replace(/\/$/, '%2F')
    .replaceAll(/\/(?=\/)/g, '%2F');
  const id = `${PREFIX}${providerId}/${escaped}`;
  return modelIdSchema.safeParse(id).success ? id : null;
}

export const isRemoteModelId = (modelId: string): boolean => modelId.startsWith(PREFIX);

/** The provider and the model's own name; null for the id of a model on this computer. */
export function parseRemoteModelId(modelId: string): { readonly providerId: string; readonly name: string } | null {
  const [, providerId = '', escaped = ''] = /^remote--([a-z0-9-]{1,40})\/(.+)$/s.exec(modelId) ?? [];
  if (providerId === '') return null;
  return {
    providerId,
    name: escaped.replaceAll(/%([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
  };
}
