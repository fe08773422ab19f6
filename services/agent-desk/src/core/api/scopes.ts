/** The rights in a token, only to know what to show: whether they hold is decided where the token is used. */
export function scopesOf(token: string): ReadonlySet<string> {
  const payload = token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? ''
  const claims = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(payload), (byte) => byte.charCodeAt(0)))) as { scope?: string }
  return new Set(claims.scope?.split(' '))
}
