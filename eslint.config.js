import path from 'node:path';
import importX from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { layers, pageLayers } from './test/support/layers.ts';

const here = import.meta.dirname;
const at = (folder) => path.join(here, folder);

/** Folders without an entry file: other modules import their files directly. */
const openModules = new Set(['base', 'model-file', 'chat-format', 'store', 'process', 'http', 'shell', 'app']);

const mainZones = layers.flatMap((layer, level) =>
  layer.map((module) => ({
    target: at(`main/${module}`),
    from: at('main'),
    except: [
      `./${module}`,
      ...layers
        .slice(0, level)
        .flat()
        .map((below) => `./${below}`),
    ],
    message: `main/${module} sees the layers below it alone (DESIGN.md section 2).`,
  })),
);

/** Other modules import only a module's entry file. */
const entryZones = layers
  .flat()
  .filter((module) => !openModules.has(module))
  .map((module) => ({
    target: [at(`main/!(${module})/**/*`), at('main/*.ts')],
    from: at(`main/${module}/!(${module}).ts`),
    message: `Import main/${module}/${module}.ts.`,
  }))
  .concat(
    ['hub', 'engine', 'library'].map((module) => ({
      target: [at(`main/!(${module})/**/*`), at('main/*.ts')],
      from: at(`main/${module}/*/**/*`),
      message: `Import main/${module}/${module}.ts.`,
    })),
  );

/** The two processes of the engine meet in protocol.ts. */
const engineZones = [
  { target: at('main/engine/child'), from: at('main/engine'), except: ['./child', './protocol.ts', './cores.ts'] },
  { target: at('main/engine/host'), from: at('main/engine/child') },
  { target: at('main/engine/packages'), from: [at('main/engine/child'), at('main/engine/host')] },
].map((zone) => ({ ...zone, message: 'The host and the child of the engine meet in protocol.ts alone.' }));

const pageZones = pageLayers.map((layer, level) => ({
  target: at(`renderer/${layer}`),
  from: at('renderer'),
  except: pageLayers.slice(0, level + 1).map((below) => `./${below}`),
  message: `renderer/${layer} sees ${pageLayers.slice(0, level).join(', ') || 'the contract alone'}.`,
}));

/** `native` is a folder of the root with a place among main's layers. */
const nativeLevel = layers.findIndex((layer) => layer.includes('native'));

const features = ['chat', 'discover', 'library', 'downloads', 'load', 'prompts', 'server', 'settings'].map(
  (feature) => ({
    target: at(`renderer/features/${feature}`),
    from: at('renderer/features'),
    except: [`./${feature}`],
    message: 'A feature never imports another.',
  }),
);

/** Between the processes: the page and main meet in the contract. */
const processZones = [
  {
    target: at('native'),
    from: [
      at('renderer'),
      at('test'),
      ...layers.flatMap((layer, level) => (level < nativeLevel ? [] : layer.map((module) => at(`main/${module}`)))),
    ],
    message: 'native stands beside main/engine and sees what lies below it.',
  },
  {
    target: at('preload/wire'),
    from: [at('main'), at('renderer'), at('native'), at('test'), at('preload/contract')],
    message: 'The wire depends on nothing.',
  },
  {
    target: at('preload'),
    from: [at('main'), at('renderer'), at('native'), at('test')],
    message: 'The contract knows the wire, and the preload knows the contract.',
  },
  {
    target: at('renderer'),
    from: [at('main'), at('native'), at('test')],
    message: 'The page sees the contract and nothing else.',
  },
];

const imports = (names, message) => ({
  selector: `:matches(ImportDeclaration, ImportExpression)[source.value=/^(${names})(\\u002f|$)/]:not([importKind='type'])`,
  message,
});
const openExternal = {
  selector: "CallExpression[callee.property.name='openExternal']",
  message: 'Use openExternalSafe of main/shell/electron.',
};
const onlyChild = imports('node-llama-cpp', 'Only main/engine/child imports node-llama-cpp.');
const onlyNative = imports('koffi', 'Only native imports koffi.');
const onlyElectron = imports('electron', 'Only main/electron.ts and main/shell/electron import electron.');
const effectBody = {
  selector: 'CallExpression[callee.name=/^use(Layout)?Effect$/] > ArrowFunctionExpression[expression=true]',
  message: 'React calls what an effect returns. Write braces, and return the cleanup alone.',
};
const noEnum = { selector: 'TSEnumDeclaration', message: 'Use a union.' };

export default tseslint.config(
  { ignores: ['node_modules/**', 'dist/**', 'out/**', 'test/fixtures/**', 'test-results/**', '**/*.js', '**/*.mjs'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: {
        project: [
          'preload/wire/tsconfig.json',
          'preload/contract/tsconfig.json',
          'preload/tsconfig.json',
          'main/tsconfig.json',
          'native/tsconfig.json',
          'renderer/tsconfig.json',
          'test/tsconfig.json',
        ],
        tsconfigRootDir: here,
      },
    },
    settings: {
      // Without these two the plugin parses no TypeScript, and finds no circle.
      'import-x/extensions': ['.ts', '.tsx'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
    },
    rules: {
      'import-x/no-restricted-paths': [
        'error',
        { zones: [...processZones, ...mainZones, ...entryZones, ...engineZones, ...pageZones, ...features] },
      ],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'no-restricted-syntax': ['error', openExternal, onlyElectron, onlyChild, onlyNative, noEnum],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
      '@typescript-eslint/require-await': 'off',
      // Modules are records of closures: no method here has a `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      'no-eval': 'error',
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
    },
  },
  {
    files: ['main/electron.ts', 'main/shell/electron/**/*.ts', 'preload/preload.ts'],
    rules: { 'no-restricted-syntax': ['error', openExternal, onlyChild, onlyNative, noEnum] },
  },
  {
    files: ['native/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', openExternal, onlyElectron, onlyChild, noEnum] },
  },
  {
    files: ['main/engine/child/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', openExternal, onlyElectron, onlyNative, noEnum] },
  },
  { files: ['test/**/*.ts'], rules: { 'no-restricted-syntax': ['error', openExternal, noEnum] } },
  {
    files: ['renderer/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      'no-restricted-syntax': ['error', openExternal, onlyElectron, onlyChild, onlyNative, noEnum, effectBody],
    },
  },
  {
    // A factory or a component that is longer has pieces that want names and tests of their own.
    files: ['{main,native,preload,renderer}/**/*.{ts,tsx}'],
    ignores: ['**/*.test.{ts,tsx}'],
    rules: { 'max-lines-per-function': ['error', { max: 150, skipBlankLines: true, skipComments: true }] },
  },
  { files: ['main/start.ts', 'main/serve.ts', 'build.ts', 'dev.ts', 'test/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.test.ts', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
