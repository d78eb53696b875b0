/** The arrows of DESIGN.md section 2, for the linter and for the test that reads every import. */

/** The floors of main from the ground up: a module sees the floors below its own, and none beside it. */
export const floors: readonly (readonly string[])[] = [
  ['base'],
  ['model-file'],
  ['store', 'process', 'hub'],
  ['native', 'engine'],
  ['jobs', 'library', 'settings', 'system'],
  ['inference'],
  ['chat', 'knowledge', 'tools', 'convert', 'api'],
  ['app'],
  ['shell', 'cli'],
];

/** The folders of the page from the ground up: each sees those below it. */
export const pageFloors: readonly string[] = ['words', 'ui', 'connection', 'navigation', 'parts', 'features', 'frame'];
