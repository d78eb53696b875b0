import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  // Whatever folder Vite is started in.
  root: path.join(import.meta.dirname, 'renderer'),
  // Relative, because the same build is served from http://127.0.0.1 and from app://.
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    // Fonts and icons stay files: the content security policy allows 'self' and no data: scripts or fonts.
    assetsInlineLimit: 0,
    // The polyfill is an inline script in spirit; every host of the page knows modulepreload.
    modulePreload: { polyfill: false },
    target: 'es2023',
    // The page is read from this computer, not over a network: one chunk for the first screen is quicker than five.
    chunkSizeWarningLimit: 700,
  },
});
