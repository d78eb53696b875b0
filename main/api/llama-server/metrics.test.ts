import { expect, it } from 'vitest';
import { metricText } from './metrics.ts';

it('writes labels as the text format wants them', () => {
  // https://prometheus.io/docs/instrumenting/exposition_formats/: backslash, quote and line feed are escaped.
  expect(metricText('a_total', 'counter', 'Things.', [{ labels: { model: 'C:\\x "y"\nz' }, value: 1.5 }])).toBe(
    '# HELP a_total Things.\n# TYPE a_total counter\na_total{model="C:\\\\x \\"y\\"\\nz"} 1.5\n',
  );
  expect(metricText('b', 'gauge', 'None.', [])).toBe('# HELP b None.\n# TYPE b gauge\n');
});
