import { fileURLToPath } from 'node:url'
import VueI18n from '@intlify/unplugin-vue-i18n/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type UserConfig } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const alias = { '@core': here('./src/core'), '@desk': here('./src/desk') }
const target = 'es2022'

const desk: UserConfig = {
  plugins: [
    vue(),
    VueI18n({
      include: here('./src/desk/locales/*.json'),
      runtimeOnly: true,
      compositionOnly: true,
      fullInstall: false,
      dropMessageCompiler: true,
      strictMessage: false,
    }),
  ],
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
  },
  build: { outDir: here('./dist'), emptyOutDir: true, manifest: true, target, modulePreload: { polyfill: false } },
}

// The widget is one file that a foreign page loads, so nothing may be split off.
const widget: UserConfig = {
  publicDir: false,
  build: {
    outDir: here('./dist'),
    emptyOutDir: false,
    target,
    rolldownOptions: {
      input: here('./src/widget/main.tsx'),
      output: { format: 'iife', entryFileNames: 'widget.js', codeSplitting: false },
    },
  },
}

const shop: UserConfig = {
  root: here('./src/shop'),
  base: '/shop/',
  publicDir: false,
  build: { outDir: here('./dist/shop'), emptyOutDir: true, target, modulePreload: { polyfill: false } },
}

// What customers open from a link: small pages of their own, beside the desk and without anything of it.
const publicPages: UserConfig = {
  root: here('./src/public'),
  publicDir: false,
  build: {
    outDir: here('./dist'),
    emptyOutDir: false,
    target,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: [here('./src/public/survey/index.html'), here('./src/public/complaint/index.html')] },
  },
}

const targets: Record<string, UserConfig> = { desk, widget, shop, public: publicPages }

export default defineConfig(({ mode }) => ({
  ...(targets[mode] ?? desk),
  resolve: { alias },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
}))
