import type { FenceSurvey, Installation } from '@quiesce/core'
import type { Finding } from '../documents/doctor-document.ts'
import { counted } from '../output/words.ts'

const ADVICE = 'quiesce fence install brings it up to date; quiesce fence remove takes it away.'

/** Whether a standing fence that somebody has installed would be used; nothing where there is none. */
export function standingFence({ state, tables }: Installation, survey: FenceSurvey | undefined): readonly Finding[] {
  if (state === 'absent') return []
  const where = counted(tables.length, 'table')
  if (state === 'complete' && survey?.installed === true)
    return [{ check: 'fence-standing', level: 'ok', message: `the standing fence is on ${where}`, advice: null }]
  const why = state === 'complete' ? 'does not fit the tables and exemptions that are there' : 'is not complete'
  const message = `the standing fence on ${where} ${why}: freezes do not use it, and each write pays for it`
  return [{ check: 'fence-standing', level: 'warning', message, advice: ADVICE }]
}
