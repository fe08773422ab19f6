import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { createI18n } from 'vue-i18n'
import WrapUpPanel from '@desk/wrap-up/WrapUpPanel.vue'
import en from '@desk/locales/en.json'

vi.mock('vue-router', () => ({ useRouter: () => ({ push: vi.fn() }) }))
vi.mock('@desk/services', async (original) => ({
  ...await original<object>(),
  api: { get: () => Promise.resolve([]) },
  // As the page's own, on the clock of the test.
  clock: { nowMs: () => Date.now() },
}))

const NOW = Date.parse('2026-11-26T10:00:00Z')

function panel(until: string | null) {
  const i18n = createI18n({ legacy: false, locale: 'en', messages: { en: en as never } })
  // Begun long ago: only the server's moment may count, no length of the page's own.
  const detail = { channel: 'mail', wrap_up_at: '2026-11-26T09:50:00Z' }
  return mount(WrapUpPanel, { props: { interactionId: 'int_1', detail, until } as never, global: { plugins: [i18n] } })
}

describe('the clock of the wrap-up', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOW })
    setActivePinia(createPinia())
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('runs to the moment that the server has set', async () => {
    const shown = panel('2026-11-26T10:02:05Z')
    expect(shown.get('.badge').text()).toBe('Time left: 2:05')
    vi.advanceTimersByTime(115_000)
    await nextTick()
    expect(shown.get('.badge').text()).toBe('Time left: 0:10')
    expect(shown.get('.badge').classes()).toContain('warn')
    vi.advanceTimersByTime(20_000)
    await nextTick()
    expect(shown.get('.badge.danger').text()).toBe('0:10 over')
    expect(shown.get('[role=status]').text()).toContain('new work')
    shown.unmount()
  })

  it('says nothing where the server has set none', () => {
    const shown = panel(null)
    expect(shown.find('.badge').exists()).toBe(false)
    shown.unmount()
  })
})
