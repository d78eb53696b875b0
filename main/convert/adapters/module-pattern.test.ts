import { expect, it } from 'vitest';
import { readModulePattern } from './module-pattern.ts';

// What Python's re.match(rf"(?:.*\.)?({pattern})$", path) says, and for ^ re.match(rf"{pattern}$", path).
const FACTS: readonly (readonly [pattern: string, path: string, fits: boolean])[] = [
  ['q_proj', 'model.layers.0.self_attn.q_proj', true],
  ['q_proj', 'model.layers.12.self_attn.k_proj', false],
  ['q_proj', 'base.model.layers.12.self_attn.k_proj', false],
  ['q_proj', 'model.layers.1.mlp.up_proj', false],
  ['q_proj', 'model.layers.10.mlp.up_proj', false],
  ['q_proj', 'model.layers.x.mlp.down_proj', false],
  ['q_proj', 'xq_proj', false],
  ['q_proj', 'q_proj', true],
  ['model\\.layers\\.\\d+\\.self_attn\\.k_proj', 'model.layers.0.self_attn.q_proj', false],
  ['model\\.layers\\.\\d+\\.self_attn\\.k_proj', 'model.layers.12.self_attn.k_proj', true],
  ['model\\.layers\\.\\d+\\.self_attn\\.k_proj', 'base.model.layers.12.self_attn.k_proj', true],
  ['model\\.layers\\.\\d+\\.self_attn\\.k_proj', 'model.layers.1.mlp.up_proj', false],
  ['model\\.layers\\.\\d+\\.self_attn\\.k_proj', 'model.layers.10.mlp.up_proj', false],
  ['model\\.layers\\.\\d+\\.self_attn\\.k_proj', 'model.layers.x.mlp.down_proj', false],
  ['model\\.layers\\.\\d+\\.self_attn\\.k_proj', 'xq_proj', false],
  ['model\\.layers\\.\\d+\\.self_attn\\.k_proj', 'q_proj', false],
  ['.*\\.(?:up|down)_proj', 'model.layers.0.self_attn.q_proj', false],
  ['.*\\.(?:up|down)_proj', 'model.layers.12.self_attn.k_proj', false],
  ['.*\\.(?:up|down)_proj', 'base.model.layers.12.self_attn.k_proj', false],
  ['.*\\.(?:up|down)_proj', 'model.layers.1.mlp.up_proj', true],
  ['.*\\.(?:up|down)_proj', 'model.layers.10.mlp.up_proj', true],
  ['.*\\.(?:up|down)_proj', 'model.layers.x.mlp.down_proj', true],
  ['.*\\.(?:up|down)_proj', 'xq_proj', false],
  ['.*\\.(?:up|down)_proj', 'q_proj', false],
  ['^model\\.layers\\.[0-9]+\\.mlp\\.\\w+$', 'model.layers.0.self_attn.q_proj', false],
  ['^model\\.layers\\.[0-9]+\\.mlp\\.\\w+$', 'model.layers.12.self_attn.k_proj', false],
  ['^model\\.layers\\.[0-9]+\\.mlp\\.\\w+$', 'base.model.layers.12.self_attn.k_proj', false],
  ['^model\\.layers\\.[0-9]+\\.mlp\\.\\w+$', 'model.layers.1.mlp.up_proj', true],
  ['^model\\.layers\\.[0-9]+\\.mlp\\.\\w+$', 'model.layers.10.mlp.up_proj', true],
  ['^model\\.layers\\.[0-9]+\\.mlp\\.\\w+$', 'model.layers.x.mlp.down_proj', false],
  ['^model\\.layers\\.[0-9]+\\.mlp\\.\\w+$', 'xq_proj', false],
  ['^model\\.layers\\.[0-9]+\\.mlp\\.\\w+$', 'q_proj', false],
  ['layers\\.1\\d?\\.mlp\\.up_proj', 'model.layers.0.self_attn.q_proj', false],
  ['layers\\.1\\d?\\.mlp\\.up_proj', 'model.layers.12.self_attn.k_proj', false],
  ['layers\\.1\\d?\\.mlp\\.up_proj', 'base.model.layers.12.self_attn.k_proj', false],
  ['layers\\.1\\d?\\.mlp\\.up_proj', 'model.layers.1.mlp.up_proj', true],
  ['layers\\.1\\d?\\.mlp\\.up_proj', 'model.layers.10.mlp.up_proj', true],
  ['layers\\.1\\d?\\.mlp\\.up_proj', 'model.layers.x.mlp.down_proj', false],
  ['layers\\.1\\d?\\.mlp\\.up_proj', 'xq_proj', false],
  ['layers\\.1\\d?\\.mlp\\.up_proj', 'q_proj', false],
  ['^.*k_proj', 'model.layers.0.self_attn.q_proj', false],
  ['^.*k_proj', 'model.layers.12.self_attn.k_proj', true],
  ['^.*k_proj', 'base.model.layers.12.self_attn.k_proj', true],
  ['^.*k_proj', 'model.layers.1.mlp.up_proj', false],
  ['^.*k_proj', 'model.layers.10.mlp.up_proj', false],
  ['^.*k_proj', 'model.layers.x.mlp.down_proj', false],
  ['^.*k_proj', 'xq_proj', false],
  ['^.*k_proj', 'q_proj', false],
  ['self_attn.(q|k)_proj', 'model.layers.0.self_attn.q_proj', true],
  ['self_attn.(q|k)_proj', 'model.layers.12.self_attn.k_proj', true],
  ['self_attn.(q|k)_proj', 'base.model.layers.12.self_attn.k_proj', true],
  ['self_attn.(q|k)_proj', 'model.layers.1.mlp.up_proj', false],
  ['self_attn.(q|k)_proj', 'model.layers.10.mlp.up_proj', false],
  ['self_attn.(q|k)_proj', 'model.layers.x.mlp.down_proj', false],
  ['self_attn.(q|k)_proj', 'xq_proj', false],
  ['self_attn.(q|k)_proj', 'q_proj', false],
  ['\\d+\\.mlp.*', 'model.layers.0.self_attn.q_proj', false],
  ['\\d+\\.mlp.*', 'model.layers.12.self_attn.k_proj', false],
  ['\\d+\\.mlp.*', 'base.model.layers.12.self_attn.k_proj', false],
  ['\\d+\\.mlp.*', 'model.layers.1.mlp.up_proj', true],
  ['\\d+\\.mlp.*', 'model.layers.10.mlp.up_proj', true],
  ['\\d+\\.mlp.*', 'model.layers.x.mlp.down_proj', false],
  ['\\d+\\.mlp.*', 'xq_proj', false],
  ['\\d+\\.mlp.*', 'q_proj', false],
];

it.each(FACTS)('%s for %s is %s', (pattern, path, fits) => {
  expect(readModulePattern(pattern)?.(path)).toBe(fits);
});

it.each(['(?=a)', 'a{2}', '[a-z]', '(a)+', 'a(', '', '\\1', 'a'.repeat(201), '(a|b)'.repeat(6)])(
  '%j is not known',
  (pattern) => {
    expect(readModulePattern(pattern)).toBeNull();
  },
);

it('takes no time for a pattern that would keep an engine busy', () => {
  const fits = readModulePattern('.*'.repeat(90) + 'x');
  expect(fits?.('a'.repeat(300))).toBe(false);
});
