// Fails when a first load is heavier than its budget: gzip 9 of what the page asks for before anybody clicks.
import { existsSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const dist = new URL('../dist/', import.meta.url)
const budgets = { 'desk.first_load_kb': 195, 'widget.kb': 15, 'survey.kb': 20, 'complaint.kb': 20 }

const gzip = (path) => gzipSync(readFileSync(new URL(path, dist)), { level: 9 }).length / 1000

/** A page with the files that it names. */
function pageLoad(page) {
  const html = readFileSync(new URL(page, dist), 'utf8')
  const named = [...html.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map((match) => match[1])
  return gzip(page) + named.reduce((sum, path) => sum + gzip(path), 0)
}

function deskFirstLoad() {
  const locale = readFileSync(new URL('.vite/manifest.json', dist), 'utf8')
  const locales = Object.entries(JSON.parse(locale)).filter(([source]) => source.includes('/locales/'))
  const heaviest = Math.max(0, ...locales.map(([, chunk]) => gzip(chunk.file)))
  return pageLoad('index.html') + heaviest
}

const sizes = { 'desk.first_load_kb': deskFirstLoad() }
for (const page of ['survey', 'complaint']) {
  if (existsSync(new URL(`${page}/index.html`, dist))) sizes[`${page}.kb`] = pageLoad(`${page}/index.html`)
}
if (existsSync(new URL('widget.js', dist))) sizes['widget.kb'] = gzip('widget.js')

let failed = false
for (const [id, size] of Object.entries(sizes)) {
  const over = size > budgets[id]
  failed ||= over
  console.log(`${id} ${size.toFixed(1)} of ${budgets[id]}${over ? ': TOO HEAVY' : ''}`)
}
process.exit(failed ? 1 : 0)
