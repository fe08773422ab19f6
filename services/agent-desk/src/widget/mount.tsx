import { render } from 'preact'
import { WidgetApi } from './api'
import { Cells } from './cells'
import { fitComposer } from './Composer'
import { currentLocale, type WidgetConfig } from './config'
import { Conversation } from './conversation'
import { followNewest } from './Log'
import { browserStorage, key } from './storage'
import { createView } from './view'
import css from './widget.css?inline'
import { Widget } from './Widget'

/** Puts the widget on the page, in a shadow tree: neither styles nor ids of the two can meet. */
export function mount(config: WidgetConfig): HTMLElement {
  const host = document.createElement('careline-widget')
  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets = [sheet]

  const kept = browserStorage('localStorage')
  const cells = new Cells()
  const locale = cells.of(currentLocale(config))
  const conversation = new Conversation({
    cells,
    api: new WidgetApi(config.api),
    storage: kept,
    opening: () => ({
      language: locale.value,
      page_url: location.href.slice(0, 2000),
      ...(config.queue ? { queue: config.queue } : {}),
      ...(config.topic ? { topic: config.topic } : {}),
    }),
  })
  const tab = browserStorage('sessionStorage')
  const view = createView({ cells, conversation, locale, name: config.name, root, kept, tab })
  const show = (): void => {
    render(<Widget view={view} />, root)
    followNewest(root)
    fitComposer(root)
  }
  cells.listen(show)
  show()
  document.body.append(host)

  followPage(host, () => { locale.value = currentLocale(config) })
  addEventListener('offline', () => { conversation.lost() })
  addEventListener('online', () => { conversation.hurry() })
  addEventListener('pageshow', () => { conversation.hurry() })
  document.addEventListener('visibilitychange', () => { if (!document.hidden) conversation.hurry() })
  addEventListener('storage', (event) => { if (event.key === key('unsent')) conversation.outboxChanged() })
  void conversation.resume()
  return host
}

/** The page may change its language; the keyboard of a phone may take half of the screen. */
function followPage(host: HTMLElement, onLanguage: () => void): void {
  new MutationObserver(onLanguage).observe(document.documentElement, { attributes: true, attributeFilter: ['lang'] })
  const seen = window.visualViewport
  if (!seen) return
  const fit = (): void => {
    host.style.setProperty('--seen-height', `${String(seen.height)}px`)
    host.style.setProperty('--seen-top', `${String(seen.offsetTop)}px`)
  }
  seen.addEventListener('resize', fit)
  seen.addEventListener('scroll', fit)
  fit()
}
