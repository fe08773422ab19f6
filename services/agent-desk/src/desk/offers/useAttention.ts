import { onScopeDispose, watchEffect } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Offer } from '@core/api/types'
import { claimWithLock, Ringer } from '@core/ring'
import { useAnnounce } from '@desk/common/useAnnounce'
import { useNames } from '@desk/common/useNames'
import { useUnread } from '@desk/inbox/useUnread'
import { useDesk } from '@desk/stores/desk'
import { useOffers } from '@desk/stores/offers'
import { drawFavicon } from './favicon'
import { notify } from './notifications'
import { useSound } from './useSound'

/** An offer must be noticed on any tab and in any window: sound once over all tabs, title, icon, notification. */
export function useAttention(): void {
  const { t } = useI18n()
  const desk = useDesk()
  const offers = useOffers()
  const sound = useSound()
  const { total } = useUnread()
  const { nameOf } = useNames()
  const { announce } = useAnnounce()
  const closers = new Map<string, () => void>()
  const channel = new BroadcastChannel('careline:ring')
  const ringer = new Ringer({
    claim: claimWithLock,
    play: sound.play,
    canPlay: sound.canPlay,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  })

  const begin = (offer: Offer): void => {
    const name = nameOf(offer.interaction.customer)
    announce(t('offer.announced', { name, channel: t(`channel.${offer.interaction.channel}`) }))
    void ringer.ring(offer.id).then((ours) => {
      if (!ours) return
      closers.set(offer.id, notify(offer.id, t('offer.title'), `${name} · ${t(`channel.${offer.interaction.channel}`)}`))
    })
  }
  const end = (id: string): void => {
    ringer.end(id)
    closers.get(id)?.()
    closers.delete(id)
  }

  offers.onChange(({ came, went }) => {
    came.forEach(begin)
    went.forEach(({ id }) => {
      end(id)
      // The other tabs learn it from here at once, before their own feed says so.
      channel.postMessage({ ended: id })
    })
  })
  desk.offers.forEach(begin)
  channel.onmessage = (event: MessageEvent<{ ended: string }>) => {
    end(event.data.ended)
  }

  watchEffect(() => {
    const first = desk.offers[0]
    const count = total.value + desk.offers.length
    const head = first ? `(!) ${nameOf(first.interaction.customer)} · ${t('offer.title')} — ` : count ? `(${String(count)}) ` : ''
    document.title = `${head}Careline`
    drawFavicon(count, first !== undefined)
  })

  onScopeDispose(() => {
    channel.close()
    for (const id of closers.keys()) end(id)
  })
}
