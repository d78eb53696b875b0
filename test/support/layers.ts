/** The import rules of DESIGN.md section 2, for the linter and for the test that reads every import. */

/**
 * The layers of main from the bottom up: a module may import the layers below its own, and no module of its own layer.
 */
export const layers: readonly (readonly string[])[] = [
  ['base'],
  ['model-file', 'gbnf', 'json-schema', 'chat-format'],
  ['store', 'process', 'hub', 'http'],
  ['native', 'engine'],
  ['jobs', 'library', 'prompts', 'settings', 'system'],
  ['inference'],
  ['chat', 'notebook', 'knowledge', 'tools', 'convert', 'api'],
  ['app'],
  ['shell', 'cli'],
];

/** The folders of the page from the bottom up: each may import those below it. */
export const pageLayers: readonly string[] = ['words', 'ui', 'connection', 'navigation', 'parts', 'features', 'frame'];
