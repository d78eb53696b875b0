import path from 'node:path';
import importX from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const here = import.meta.dirname;
const at = (folder) => path.join(here, folder);

/** The design's arrows: `target` may not import `from`, except what `except` lists. */
const zones = [
  {
    target: at('preload/contract'),
    from: [at('main'), at('renderer'), at('native'), at('test')],
    message: 'The contract depends on nothing.',
  },
  {
    target: at('preload'),
    from: [at('main'), at('renderer'), at('native')],
    message: 'The preload knows the contract alone.',
  },
  {
    target: at('renderer'),
    from: [at('main'), at('native'), at('test')],
    message: 'The renderer sees the contract and nothing else.',
  },
  { target: at('main/core'), from: at('main'), except: ['./core'], message: 'core is pure knowledge: contract alone.' },
  ...['hub', 'engine', 'store'].map((module) => ({
    target: at(`main/${module}`),
    from: at('main'),
    except: [`./${module}`, './core'],
    message: `${module} may import core and the contract.`,
  })),
  ...['jobs', 'chat', 'models', 'storage', 'settings', 'system'].map((module) => ({
    target: at(`main/${module}`),
    from: at('main'),
    except: [`./${module}`, './core', './hub', './engine', './store'],
    message: `${module} may not import a module beside it, the shells or the app.`,
  })),
  {
    target: at('main/shell'),
    from: at('main'),
    except: ['./shell', './app.ts', './core'],
    message: 'Shells translate; they see the app alone.',
  },
];

/** Outsiders import a module's entry file, nothing else of it. */
const entries = ['hub', 'engine', 'jobs', 'chat', 'models', 'storage', 'settings', 'system', 'cli'].map((module) => ({
  target: [at(`main/!(${module})/**/*`), at('main/*.ts')],
  from: at(`main/${module}/!(${module}).ts`),
  message: `Import main/${module}/${module}.ts.`,
}));

const features = ['chat', 'engine', 'models', 'settings'].map((feature) => ({
  target: at(`renderer/features/${feature}`),
  from: at('renderer/features'),
  except: [`./${feature}`],
  message: 'A feature never imports another.',
}));

export default tseslint.config(
  { ignores: ['node_modules/**', 'dist/**', 'out/**', 'test/fixtures/**', 'test-results/**', '**/*.js', '**/*.mjs'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: {
        project: [
          'preload/contract/tsconfig.json',
          'preload/tsconfig.json',
          'main/tsconfig.json',
          'renderer/tsconfig.json',
          'test/tsconfig.json',
        ],
        tsconfigRootDir: here,
      },
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones: [...zones, ...entries, ...features] }],
      'import-x/no-cycle': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.property.name='openExternal']",
          message: 'Use openExternalSafe of main/shell.',
        },
        {
          selector: "ImportDeclaration[source.value='electron']:not([importKind='type'])",
          message: 'Only main/electron.ts and main/shell/electron*.ts import electron.',
        },
        { selector: 'TSEnumDeclaration', message: 'Use a union.' },
      ],
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
    files: ['main/electron.ts', 'main/shell/electron*.ts', 'preload/preload.ts', 'test/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.property.name='openExternal']",
          message: 'Use openExternalSafe of main/shell.',
        },
      ],
    },
  },
  {
    files: ['renderer/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: reactHooks.configs.recommended.rules,
  },
  { files: ['main/start.ts', 'main/serve.ts', 'build.ts', 'test/**/*.ts'], rules: { 'no-console': 'off' } },
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
