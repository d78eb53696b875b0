/** JSON of files that anyone may have written, read within limits of memory and time. */

/**
 * Objects and lists of one file. Published files of models have some thousands. A million empty ones take a hundred megabytes and half
 * a second, in which the process does nothing else.
 */
const MAX_CONTAINERS = 500_000;

/** The value of a JSON text; undefined where it is no JSON, or has more objects and lists than `maxContainers`. */
export function parseBoundedJson(text: string, maxContainers = MAX_CONTAINERS): unknown {
  if (hasTooMany(text, maxContainers)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Counts brackets within strings as well, of which the templates of a file have some thousands. */
function hasTooMany(text: string, limit: number): boolean {
  let count = 0;
  for (const bracket of ['{', '['])
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) if (++count > limit) return true;
  return false;
}
