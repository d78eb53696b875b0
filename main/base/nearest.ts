/** The names that are most like a wrong one. */

/** Names are compared up to so many characters: longer ones differ there already. */
const COMPARED = 120;
const MOST = 3;

/** At most three of `names`, nearest first, that may be meant by `wrong`: with less than half of its letters changed, or with it inside. */
export function nearest(wrong: string, names: readonly string[]): readonly string[] {
  const wanted = plain(wrong);
  return names
    .map((name) => ({ name, distance: distanceTo(wanted, name) }))
    .filter(({ distance }) => distance < Infinity)
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name, 'en'))
    .slice(0, MOST)
    .map(({ name }) => name);
}

/** Only letters and digits count. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .slice(0, COMPARED);

/** The smaller, the nearer; infinite for a name that cannot be meant. The last segment of a name stands for it too. */
function distanceTo(wanted: string, name: string): number {
  const forms = [name, name.split('/').at(-1) ?? ''].map(plain);
  const distances = forms.map((form) => {
    if (wanted.length >= 3 && (form.includes(wanted) || wanted.includes(form))) return 0.5;
    const changes = editDistance(wanted, form);
    return changes * 2 < Math.max(wanted.length, form.length) ? changes : Infinity;
  });
  return Math.min(...distances);
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
