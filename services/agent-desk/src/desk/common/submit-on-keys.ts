/** Ctrl or ⌘ with Enter sends a form from its fields of several lines, as it does in conversations. */
export function submitOnKeys(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
  event.preventDefault()
  event.stopPropagation()
  if (event.target instanceof HTMLTextAreaElement) event.target.form?.requestSubmit()
}
