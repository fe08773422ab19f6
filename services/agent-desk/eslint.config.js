import js from '@eslint/js'
import vue from 'eslint-plugin-vue'
import accessibility from 'eslint-plugin-vuejs-accessibility'
import typescript from 'typescript-eslint'

export default typescript.config(
  { ignores: ['dist/', 'node_modules/', 'generated/'] },
  js.configs.recommended,
  typescript.configs.strict,
  typescript.configs.stylistic,
  vue.configs['flat/recommended'],
  accessibility.configs['flat/recommended'],
  {
    languageOptions: { parserOptions: { parser: typescript.parser, extraFileExtensions: ['.vue'] } },
    rules: {
      // TypeScript resolves names better than this rule does.
      'no-undef': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
      'vue/no-v-html': 'error',
      'vue/no-restricted-static-attribute': ['error', { key: 'style', message: 'The content policy refuses style attributes.' }],
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      // Layout of templates is left to the reader's eye; these rules only break short lines.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/multi-word-component-names': 'off',
      // Both a wrapping label and `for` are fine; the default asks for both at once.
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'Trusted Types: text only.' },
        { property: 'outerHTML', message: 'Trusted Types: text only.' },
        { property: 'insertAdjacentHTML', message: 'Trusted Types: text only.' },
      ],
    },
  },
  {
    files: ['scripts/**', '*.config.*'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly' } },
    rules: { 'no-console': 'off' },
  },
)
