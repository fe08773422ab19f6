import { ref } from 'vue'

const supported = 'Notification' in window
export const notificationState = ref<NotificationPermission>(supported ? Notification.permission : 'denied')

export async function askForNotifications(): Promise<void> {
  if (supported) notificationState.value = await Notification.requestPermission()
}

/** The tag makes one notification out of those of several tabs. */
export function notify(tag: string, title: string, body: string): () => void {
  if (notificationState.value !== 'granted') return () => undefined
  try {
    const notification = new Notification(title, { body, tag, requireInteraction: false })
    notification.onclick = () => {
      window.focus()
      notification.close()
    }
    return () => {
      notification.close()
    }
  } catch {
    // Android allows notifications from a service worker only; the page has card, title and sound.
    return () => undefined
  }
}
