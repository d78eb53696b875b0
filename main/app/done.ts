/** The answer of routes that have nothing to tell. */

/** Waits for work without a result, whose answer on the wire is null. */
export async function done(work: Promise<void> | void): Promise<null> {
  await work;
  return null;
}
