/** Ids are text with a prefix outside the services; the brand keeps one kind from passing for another. */
declare const kind: unique symbol
export type Id<Prefix extends string> = string & { readonly [kind]: Prefix }

export type CustomerId = Id<'cus'>
export type PersonId = Id<'per'>
export type InteractionId = Id<'int'>
export type OfferId = Id<'off'>
export type MessageId = Id<'msg'>
export type AttachmentId = Id<'att'>
export type QueueId = Id<'que'>
export type TemplateId = Id<'tpl'>
export type ComplaintId = Id<'cmp'>
export type DepartmentId = Id<'dep'>
export type InvitationId = Id<'inv'>
export type DecisionId = Id<'dec'>

/** A random UUID; `crypto.randomUUID` is missing on plain-http origins, `getRandomValues` is not. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
