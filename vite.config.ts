import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type HtmlTagDescriptor, type Plugin } from 'vite';

/**
 * Lets the browser fetch the window's code and styles together with the first module, which imports them when the words
 * are there.
 */
function preloadWindow(): Plugin {
  return {
    name: 'preload-window',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
        const entry = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith('/frame/window.tsx'));
        if (entry === undefined) return []; // in development there is no bundle
        const scripts = new Set([entry]);
        for (const script of scripts)
          for (const chunk of chunks) if (script.imports.includes(chunk.fileName)) scripts.add(chunk);
        const added = [...scripts].filter(({ isEntry }) => !isEntry);
        const styles = new Set(added.flatMap(({ viteMetadata }) => [...(viteMetadata?.importedCss ?? [])]));
        const link = (rel: string, file: string): HtmlTagDescriptor => ({
          tag: 'link',
          attrs: { rel, crossorigin: true, href: `./${file}` },
          injectTo: 'head',
        });
        return [
          ...added.map(({ fileName }) => link('modulepreload', fileName)),
          ...[...styles].map((file) => link('stylesheet', file)),
        ];
      },
    },
  };
}

/** KaTeX names each of its fonts in three formats, of which every host of the page reads the first. */
const woff2Alone: Plugin = {
  name: 'woff2-alone',
  enforce: 'pre',
  transform: (code, id) =>
    /[\\/]katex[\\/]dist[\\/]katex\.min\.css/.test(id)
      ? code.replaceAll(/,url\([^)]+\.(?:woff|ttf)\) format\("[a-z]+"\)/g, '')
      : null,
};

export default defineConfig({
  // Whatever folder Vite is started in.
  root: path.join(import.meta.dirname, 'renderer'),
  // Relative, because the same build is served from http://127.0.0.1 and from app://.
  base: './',
  plugins: [react(), preloadWindow(), woff2Alone],
  worker: { format: 'es' },
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
