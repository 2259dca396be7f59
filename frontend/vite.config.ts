import { readFileSync } from 'node:fs';
import { defineConfig } from 'vite';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string };

/** Django serves `dist` under this path; the shell itself stands at `/` (docs/architecture.md). */
export default defineConfig({
  base: '/static/app/',
  define: { __APP_VERSION__: JSON.stringify(version) },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content security policy knows no inline code, and icons are precached anyway
    modulePreload: { polyfill: false },
    rolldownOptions: { treeshake: { propertyReadSideEffects: false, unknownGlobalSideEffects: false } }, // what is read of the core and not used goes
    target: ['chrome103', 'safari16.4', 'firefox115'],
  },
  oxc: { jsx: { runtime: 'classic', pragma: '_h', pragmaFrag: '_F' }, jsxInject: "import { h as _h, Fragment as _F } from 'preact'" }, // half a kilobyte less than jsx-runtime's calls
  server: { port: 24000, strictPort: true, proxy: { '/api': 'http://127.0.0.1:8000' } },
});
