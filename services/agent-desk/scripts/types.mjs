// Generates TypeScript from the services' committed OpenAPI documents (docs/openapi/*.json at the repository's root).
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import openapiTypescript, { astToString } from 'openapi-typescript'

const source = new URL('../../../docs/openapi/', import.meta.url)
const output = new URL('../src/core/api/generated/', import.meta.url)

if (!existsSync(source)) {
  console.error('docs/openapi/ does not exist yet: run the services’ `openapi` command first.')
  process.exit(1)
}
mkdirSync(output, { recursive: true })
for (const file of readdirSync(source).filter((name) => name.endsWith('.json'))) {
  const nodes = await openapiTypescript(new URL(file, source))
  writeFileSync(new URL(file.replace(/\.json$/, '.d.ts'), output), astToString(nodes))
  console.log(`src/core/api/generated/${file.replace(/\.json$/, '.d.ts')}`)
}
