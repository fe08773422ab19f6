import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import type { Interaction, Offer } from '@core/api/types'
import { ApiProblem } from '@core/api/problem'
import { api, clock, ROUTER } from '@desk/services'
import { useConversations } from './conversations'
import { useDesk } from './desk'
import { usePops } from './pops'

export interface EndedOffer {
  offer: Offer
  how: 'missed' | 'elsewhere'
  at: string
}

/** Offers as the agent lives them: asked, answered, missed, taken by somebody else. */
export const useOffers = defineStore('offers', () => {
  const desk = useDesk()
  const pops = usePops()
  const conversations = useConversations()
  const ended = ref<EndedOffer[]>([])
  const answering = ref<string | null>(null)
  const answered = new Set<string>()
  const listeners = new Set<(change: { came: Offer[]; went: Offer[] }) => void>()

  watch(() => desk.offers, (now, before = []) => {
    const came = now.filter((offer) => !before.some(({ id }) => id === offer.id))
    const went = before.filter((offer) => !now.some(({ id }) => id === offer.id))
    came.forEach((offer) => {
      pops.want(offer.interaction.customer)
    })
    went.filter(({ id }) => !answered.has(id)).forEach(end)
    listeners.forEach((listener) => {
      listener({ came, went })
    })
  }, { immediate: true })

  function end(offer: Offer): void {
    const cause = desk.offerEndings.get(offer.id)
    // Answered on another page of the same person: nothing to tell her.
    if (cause === 'accepted' || cause === 'declined') return
    // After a lost line the ending itself was not heard; the deadline tells.
    const missed = cause === 'timed_out' || (cause === undefined && clock.nowMs() >= Date.parse(offer.expires_at))
    const card: EndedOffer = { offer, how: missed ? 'missed' : 'elsewhere', at: new Date(clock.nowMs()).toISOString() }
    ended.value = [...ended.value, card].slice(-3)
  }

  function dismiss(offerId: string): void {
    ended.value = ended.value.filter(({ offer }) => offer.id !== offerId)
  }

  async function answer<T>(offer: Offer, work: () => Promise<T>): Promise<T | null> {
    answering.value = offer.id
    answered.add(offer.id)
    try {
      const result = await work()
      desk.withoutOffer(offer.id)
      return result
    } catch (error) {
      answered.delete(offer.id)
      if (error instanceof ApiProblem && error.status === 409) {
        desk.withoutOffer(offer.id)
        return null
      }
      throw error
    } finally {
      answering.value = null
    }
  }

  /** The accepted conversation, or null when the offer had gone before we came. */
  async function accept(offer: Offer): Promise<Interaction | null> {
    const detail = await answer(offer, () => api.post<Interaction>(`${ROUTER}/offers/${offer.id}/acceptance`))
    if (detail) {
      desk.put(detail)
      conversations.open(detail.id)
    }
    return detail
  }

  async function decline(offer: Offer): Promise<void> {
    await answer(offer, () => api.post(`${ROUTER}/offers/${offer.id}/refusal`, { body: {} }))
  }

  return {
    ended, answering, accept, decline, dismiss,
    onChange: (listener: (change: { came: Offer[]; went: Offer[] }) => void) => listeners.add(listener),
  }
})
