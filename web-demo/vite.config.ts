import { defineConfig, type UserConfig } from 'vite';

/** The page as static files in web-demo/dist, which the worker serves. */
export default defineConfig({
  root: import.meta.dirname,
  build: { target: 'es2023', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
}) satisfies UserConfig;
