import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Imports point one way: ui → sync → {api, store} → domain (docs/architecture.md). */
const layers = {
  domain: ['api', 'store', 'sync', 'ui'],
  api: ['store', 'sync', 'ui'],
  store: ['api', 'sync', 'ui'],
  sync: ['ui'],
};

export default defineConfig(
  { ignores: ['dist', 'node_modules', 'src/api/schema.d.ts', '*.config.js', 'src/*.js'] },
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json', './tsconfig.sw.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      // What the compiler's library knows and our oldest browsers (vite.config.ts, target) do not.
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'MemberExpression > Identifier.property[name=/^(toSorted|toReversed|toSpliced|groupBy|withResolvers|fromAsync|checkVisibility)$/]',
          message: 'Chrome 103, Safari 16.4 or Firefox 115 has no such thing',
        },
        { selector: 'CallExpression > Identifier.callee[name=requestIdleCallback]', message: 'Safari 16.4 has no such thing' },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  ...Object.entries(layers).map(([layer, above]) => ({
    files: [`src/${layer}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: above.flatMap((name) => [`**/${name}`, `**/${name}/**`]), message: `${layer} stands below` }] },
      ],
    },
  })),
  {
    files: ['src/ui/**/*.{ts,tsx}', 'src/main.tsx'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [{ group: ['**/api', '**/api/**', '**/store', '**/store/**', '**/sync/*', '!**/sync/index'], message: 'the UI knows sync/index and domain only' }],
          paths: [{ name: 'preact/hooks', message: 'ui/kit/hooks has what the screens need, in a quarter of the bytes' }],
        },
      ],
    },
  },
  {
    files: ['scripts/**', 'tests/**', '**/*.test.{ts,tsx}'],
    rules: { 'no-console': 'off', 'no-restricted-syntax': 'off', '@typescript-eslint/no-non-null-assertion': 'off', '@typescript-eslint/unbound-method': 'off' },
  },
);
