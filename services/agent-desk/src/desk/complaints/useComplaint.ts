import { onScopeDispose, ref, shallowRef } from 'vue'
import type { Complaint } from '@core/api/types'
import type { ComplaintId } from '@core/ids'
import { ApiProblem } from '@core/api/problem'
import { useVisible } from '@desk/common/useVisible'
import { api, FEEDBACK } from '@desk/services'
import { usePeople } from '@desk/stores/people'
import { useRefusal } from './useRefusal'

const EVERY_MS = 15_000
const PERSON = /^per_[0-9a-z]{26}$/

/** One complaint and what is done with it; every answer of the service is the complaint as it is then. */
export function useComplaint(id: ComplaintId, changed: () => void) {
  const complaint = shallowRef<Complaint | null>(null)
  const failure = shallowRef<unknown>(null)
  const gone = ref(false)
  const busy = ref(false)
  const refused = ref('')
  const visible = useVisible()
  const people = usePeople()
  const { reason } = useRefusal()

  function take(fresh: Complaint): void {
    complaint.value = fresh
    gone.value = false
    failure.value = null
    const offers = fresh.offers.flatMap((offer) => [offer.from_person_id, offer.to_person_id, offer.answered_by])
    const actors = fresh.history.map(({ actor }) => actor).filter((actor) => PERSON.test(actor))
    const named = [fresh.owner_id, fresh.giver_id, ...offers, ...actors].filter((person) => person !== null)
    void people.learn([...new Set(named)].map((person) => ({ id: person as Complaint['owner_id'], name: null })))
  }

  async function load(): Promise<void> {
    try {
      take(await api.get<Complaint>(`${FEEDBACK}/complaints/${id}`))
    } catch (error) {
      gone.value = error instanceof ApiProblem && error.status === 404
      if (!gone.value) failure.value = error
    }
  }

  /** Does one thing; true when it is done. What came back as a refusal stands where the person is working. */
  async function act(path: string, body?: unknown): Promise<boolean> {
    busy.value = true
    refused.value = ''
    try {
      const answer = await api.post<Complaint | undefined>(`${FEEDBACK}/${path}`, body === undefined ? {} : { body })
      if (answer) take(answer)
      else await load()
      changed()
      return true
    } catch (error) {
      refused.value = reason(error)
      if (error instanceof ApiProblem && error.status === 409) void load()
      return false
    } finally {
      busy.value = false
    }
  }

  void load()
  const timer = setInterval(() => {
    if (visible.value && !busy.value) void load()
  }, EVERY_MS)
  onScopeDispose(() => {
    clearInterval(timer)
  })

  const refuse = (text: string): void => {
    refused.value = text
  }

  return { complaint, failure, gone, busy, refused, refuse, load, act, on: (action: string, body?: unknown) => act(`complaints/${id}/${action}`, body) }
}

export type OpenComplaint = ReturnType<typeof useComplaint>
