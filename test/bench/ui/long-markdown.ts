/** Markdown as models write it in long answers: headings, prose, lists, tables, maths and code, the same at each call. */

export const LONG_REPLY_CHARS = 60_000;

const code = {
  python: `def transfer(rod, length, steps=200):
    """Heat along a rod, by explicit differences."""
    dx = length / (len(rod) - 1)
    for step in range(steps):
        inner = rod[1:-1] + 0.25 * (rod[2:] - 2 * rod[1:-1] + rod[:-2])
        rod = [rod[0], *inner, rod[-1]]  # the ends are held
        if step % 50 == 0:
            print(f"{step:>4}: {max(rod):.3f} over {dx}")
    return rod`,
  typescript: `export async function* lines(source: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of source) {
    const parts = (rest + piece).split(/\\r?\\n/);
    rest = parts.pop() ?? '';
    for (const part of parts) yield part;
  }
  if (rest !== '') yield rest; // what no line break ended
}`,
  sql: `SELECT room, avg(celsius) AS mean, count(*) AS readings
FROM measurement JOIN sensor USING (sensor_id)
WHERE taken_at >= '2026-01-01' AND celsius IS NOT NULL
GROUP BY room HAVING count(*) > 10 ORDER BY mean DESC;`,
} as const;

/** One section of about 2,000 characters; `number` makes each one another. */
function section(number: number): string {
  const [language, text] = Object.entries(code)[number % 3] ?? ['text', ''];
  return `## ${number}. Heat in a **room of stone**

The flow through a wall of thickness $d_{${number}}$ follows from Fourier's law, \\(q = -\\lambda\\,\\nabla T\\), and for ${number} layers the resistances
add up. A wall that costs $${number * 5} and one that costs $${number * 10} differ little here; what counts is \`lambda_${number}\` and its
thickness[^n]. See [the table of materials](https://example.org/materials/${number}) for *measured* values.

$$
\\frac{\\partial T}{\\partial t} = \\alpha_{${number}} \\left( \\frac{\\partial^2 T}{\\partial x^2} + \\frac{\\partial^2 T}{\\partial y^2} \\right) + \\sum_{k=1}^{${number}} \\frac{q_k}{\\rho c_p}
$$

- The inner layer keeps its temperature for about ${number} hours, and after that it follows the room slowly.
- The outer layer follows the weather:
  1. by day it takes up what the sun gives,
  2. by night it gives it back.
- [x] measured, - [ ] simulated

| layer | thickness | lambda | share |
| :---- | --------: | -----: | ----: |
| granite | ${number} cm | 2.8 | ${(number * 7) % 100} % |
| wool | 12 cm | 0.04 | ${(number * 13) % 100} % |
| plaster | 2 cm | 0.7 | ${(number * 3) % 100} % |

\`\`\`${language}
${text.replaceAll('200', String(number))}
\`\`\`

> What is warm stays warm for a while, and what is cold costs more than one thinks. In the end
> \\[ E = \\int_0^{${number}} P(t)\\,dt \\]
> is what is paid for, and section ${number + 1} says to whom.
`;
}

/** `chars` characters of sections with a note at the end. */
export function longMarkdown(chars: number): string {
  const note = '\n\n[^n]: A thickness is measured, not guessed.\n';
  let text = '';
  for (let number = 1; text.length < chars - note.length; number++) text += `${section(number)}\n`;
  return text.slice(0, chars - note.length) + note;
}
