import { useCommand } from '@desk/keys/useKeys'

/** F6 goes round the panes that are on the screen, and the offers, which are nearest to hand. */
export function usePanes(): void {
  const go = (step: 1 | -1): void => {
    const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter((pane) => pane.offsetParent !== null || pane.matches('.offer'))
    const at = panes.findIndex((pane) => pane.contains(document.activeElement))
    const next = panes.at((at + step + panes.length) % panes.length)
    if (!next) return
    const target = next.querySelector<HTMLElement>('[data-pane-focus]') ?? next
    target.focus()
  }
  useCommand('pane-next', () => {
    go(1)
  })
  useCommand('pane-previous', () => {
    go(-1)
  })
}
