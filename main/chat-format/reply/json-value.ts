/** JSON in a reply. */
import { exactNumber, readExactJson } from '../../../preload/wire/json.ts';

/** The JSON value of a text; undefined for a text that is none, and where a number is too large for a double, as `1e999` is. */
export function readJsonValue(text: string): unknown {
  try {
    return readExactJson(text, finiteNumber);
  } catch {
    return undefined;
  }
}

function finiteNumber(source: string): unknown {
  if (/[.e]/i.test(source) && !Number.isFinite(Number(source))) throw new RangeError('The number is too large.');
  return exactNumber(source);
}
