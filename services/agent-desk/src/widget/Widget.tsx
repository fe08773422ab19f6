import { Icon } from './Icon'
import { Panel } from './Panel'
import type { View } from './view'

export function Widget({ view }: { view: View }) {
  const { t, opened } = view
  const count = view.unread
  const open = (): void => {
    opened.value = true
    view.focus('text', 'again')
  }
  return (
    <div class="root" lang={view.locale.value}>
      {opened.value
        ? <Panel view={view} />
        : (
            <button id="launcher" class="strong" aria-expanded="false" onClick={open}>
              <Icon name="chat" />{t('launch')}
              {count > 0 && <b role="status">{t('unread', { count })}</b>}
            </button>
          )}
    </div>
  )
}
