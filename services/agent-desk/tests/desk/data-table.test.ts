import { mount } from '@vue/test-utils'
import { h } from 'vue'
import { describe, expect, it } from 'vitest'
import DataTable from '@desk/ui/DataTable.vue'

const columns = [{ name: 'name', label: 'Queue' }, { name: 'waiting', label: 'Waiting', figures: true }, { name: 'act', label: '' }]
const rows = [{ key: 'a', name: 'Sales', waiting: 3 }, { key: 'b', name: '售后', waiting: 0 }]

describe('a table of data', () => {
  const table = mount(DataTable, {
    props: { columns, rows, label: 'Queues' } as never,
    slots: { act: ({ row }: { row: { key: string } }) => h('button', row.key) },
  })

  it('heads each column and names each row by its first cell', () => {
    expect(table.findAll('thead th').map((cell) => [cell.attributes('scope'), cell.text()])).toEqual([['col', 'Queue'], ['col', 'Waiting']])
    expect(table.findAll('tbody th').map((cell) => [cell.attributes('scope'), cell.text()])).toEqual([['row', 'Sales'], ['row', '售后']])
  })

  it('shows the field of the row, zero too, or what is put into its slot', () => {
    expect(table.findAll('tbody td').map((cell) => cell.text())).toEqual(['3', 'a', '0', 'b'])
  })

  it('can be reached and scrolled without a mouse', () => {
    const region = table.get('[role=region]')
    expect(region.attributes()).toMatchObject({ tabindex: '0', 'aria-label': 'Queues' })
  })
})
