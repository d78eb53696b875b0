/** Ids of calls for the engine: templates of Mistral take nine letters and digits and nothing else, and programs send ids of any form. */
import { createHash } from 'node:crypto';

const isPlain = (id: string): boolean => /^[A-Za-z0-9]{9}$/.test(id);

/** The id as the engine takes it: always the same for the same text. */
export function callIdOf(id: string): string {
  if (isPlain(id)) return id;
  return createHash('sha256').update(id).digest('base64').replaceAll(/[+/=]/g, '').slice(0, 9).padEnd(9, '0');
}
