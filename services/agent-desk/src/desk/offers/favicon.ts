const SIZE = 32

/** Draws the number on the page's icon; the plain icon when nothing waits. */
export function drawFavicon(count: number, urgent: boolean): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  if (!link) return
  link.href = count === 0 ? '/favicon.svg' : (numbered(count, urgent) ?? '/favicon.svg')
}

function numbered(count: number, urgent: boolean): string | null {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = SIZE
  const context = canvas.getContext('2d')
  if (!context) return null
  context.fillStyle = urgent ? '#c62f21' : '#0b5cad'
  context.beginPath()
  context.roundRect(0, 0, SIZE, SIZE, 8)
  context.fill()
  context.fillStyle = '#fff'
  context.font = `700 ${count > 9 ? '17' : '21'}px system-ui`
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillText(urgent ? '!' : count > 99 ? '99' : String(count), SIZE / 2, SIZE / 2 + 1)
  return canvas.toDataURL('image/png')
}
