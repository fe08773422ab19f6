import { shallowRef } from 'vue'
import type { Channel, Template } from '@core/api/types'
import { api, ROUTER } from '@desk/services'

const byChannel = new Map<Channel, Promise<Template[]>>()

/** Canned replies of a channel; asked for once in a visit, again when the first asking failed. */
export function useTemplates(channel: Channel) {
  const templates = shallowRef<Template[]>([])
  async function load(): Promise<void> {
    let asked = byChannel.get(channel)
    if (!asked) {
      asked = api.get<Template[]>(`${ROUTER}/templates`, { query: { channel } })
      byChannel.set(channel, asked)
    }
    try {
      templates.value = await asked
    } catch (error) {
      byChannel.delete(channel)
      throw error
    }
  }
  return { templates, load }
}
