/** Makes the ids of models elsewhere. They are read by the contract's `remote-model-id.ts`. */
import { modelIdSchema } from '../../../preload/contract/model.ts';
import { REMOTE_PREFIX } from '../../../preload/contract/remote-model-id.ts';

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
  const id = `${REMOTE_PREFIX}${providerId}/${escaped}`;
  return modelIdSchema.safeParse(id).success ? id : null;
}
