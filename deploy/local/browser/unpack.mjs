// Decompresses files: node unpack.mjs SOURCE.br TARGET [SOURCE.br TARGET …]
import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress } from 'node:zlib'

const words = process.argv.slice(2)
for (let index = 0; index < words.length; index += 2) {
  await pipeline(createReadStream(words[index]), createBrotliDecompress(), createWriteStream(words[index + 1]))
}
