import { describe, expect, it } from 'vitest'
import { scopesOf } from '@core/api/scopes'
import { placeOf, placesFor } from '@desk/shell/places'

function token(claims: object): string {
  const payload = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(claims))))
  return `e30.${payload.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}.c2ln`
}

const names = (...scopes: string[]): string[] => placesFor(new Set(scopes)).map(({ name }) => name)

describe('the places on the rail', () => {
  it('are those that the rights allow', () => {
    expect(names('desk:use', 'profile:read')).toEqual(['inbox'])
    expect(names('desk:use', 'supervision:read')).toEqual(['inbox', 'supervision', 'quarantine'])
    expect(names('people:write', 'supervision:read')).toEqual(['supervision', 'quarantine', 'people'])
    expect(names('board:read', 'care:read')).toEqual(['board', 'care'])
    expect(names()).toEqual([])
  })

  it('hold every page of theirs', () => {
    expect(placeOf('customer')?.name).toBe('inbox')
    expect(placeOf('quarantine')?.name).toBe('quarantine')
    expect(placeOf(undefined)).toBeUndefined()
  })
})

describe('the rights', () => {
  it('are read from the token, whatever letters are in the name', () => {
    expect([...scopesOf(token({ name: '王主管？', scope: 'desk:use supervision:read' }))]).toEqual(['desk:use', 'supervision:read'])
    expect([...scopesOf(token({ name: 'Ann' }))]).toEqual([])
  })
})
