// Generates TypeScript from the services' OpenAPI documents (docs/openapi/*.json at the repository's root). Nothing of
// it is committed: every check of types begins with it, so a page never passes against an interface of yesterday.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import openapiTypescript, { astToString } from 'openapi-typescript'
import ts from 'typescript'

const source = new URL('../../../docs/openapi/', import.meta.url)
const output = new URL('../generated/', import.meta.url)
const PREFIXED_ID = /^\^([a-z]+)_\[0-7\]/

/** An id tells its kind by its prefix, so that one kind does not pass for another. */
function branded(schema) {
  const prefix = typeof schema.pattern === 'string' && PREFIXED_ID.exec(schema.pattern)?.[1]
  if (!prefix) return undefined
  return ts.factory.createTypeReferenceNode('Id', [ts.factory.createLiteralTypeNode(ts.factory.createStringLiteral(prefix))])
}

mkdirSync(output, { recursive: true })
for (const file of readdirSync(source).filter((name) => name.endsWith('.json'))) {
  const types = astToString(await openapiTypescript(new URL(file, source), { transform: branded }))
  const head = types.includes('Id<"') ? "import type { Id } from '@core/ids'\n" : ''
  writeFileSync(new URL(file.replace(/\.json$/, '.ts'), output), head + types)
}
