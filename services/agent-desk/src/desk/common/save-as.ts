import { api } from '@desk/services'

const ADDRESS_LIVES_MS = 30_000

/** A plain link would carry no token, so the file is fetched and handed to the browser to keep. */
export async function saveAs(path: string, name: string): Promise<void> {
  const file = await api.blob(path)
  // Without its own type the browser can only keep it, never show it as a page of this origin.
  const address = URL.createObjectURL(new Blob([file], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => {
    URL.revokeObjectURL(address)
  }, ADDRESS_LIVES_MS)
}
