import { mount } from '@vue/test-utils'
import { defineComponent, h, ref } from 'vue'
import { describe, expect, it, vi } from 'vitest'
import { canRun, run, useCommand } from '@desk/keys/useKeys'

describe('a command', () => {
  it('is offered while it is possible, and lives no longer than its component', () => {
    const possible = ref(false)
    const handler = vi.fn()
    const page = mount(defineComponent({
      setup() {
        useCommand('reply', handler, () => possible.value)
        return () => h('p')
      },
    }))
    expect(canRun('reply')).toBe(false)
    expect(run('reply')).toBe(false)
    possible.value = true
    expect(run('reply')).toBe(true)
    expect(handler).toHaveBeenCalledOnce()
    page.unmount()
    expect(canRun('reply')).toBe(false)
  })
})
