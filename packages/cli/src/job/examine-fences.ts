import type { FenceOption, FenceStatus, FenceSurvey, Installation } from '@quiesce/core'
import type { Finding } from '../documents/doctor-document.ts'
import { counted, shortId } from '../output/words.ts'

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

/** What one way of fencing would be worth: what stands in its way, or what slips past it. */
export function fenceOption({ backend, isChosen, refusesHolder, survey, statements }: FenceOption): Finding {
  const { obstacles, tables, gaps } = survey
  const told = (message: string): Finding => ({
    check: 'fence-backend',
    level: 'ok',
    message: `${backend}${isChosen ? ', which a freeze gets' : ''}: ${message}`,
    advice: null,
  })
  if (obstacles.length > 0) return told(`not now: ${obstacles.join('; ')}`)
  const whom = refusesHolder ? 'refuses everybody, the job itself and DDL included,' : 'refuses everybody but the job'
  const past =
    gaps.length === 0 ? 'nothing known slips past it' : `past it: ${[...new Set(gaps.map(inWords))].join('; ')}`
  const refused = statements.filter(({ verdict }) => verdict === 'refused').length
  const tried = `of ${statements.length} ways to write it refuses ${refused} (--statements lists them)`
  return told(`${whom} on ${counted(tables.length, 'table')}; ${tried}; ${past}`)
}

function inWords({ kind, subject }: FenceSurvey['gaps'][number]): string {
  return subject === undefined ? kind : `${kind} ${subject}`
}

/** Every fence in the database: of active freezes, and what was left behind. */
export function standingFences(fences: readonly FenceStatus[]): readonly Finding[] {
  return fences.map(({ name, own, tables, freezeId }) => {
    const where = `the fence ${name} on ${counted(tables.length, 'table')}`
    if (freezeId !== undefined) {
      const message = `${where} stands for the freeze ${shortId(freezeId)}`
      return { check: 'fence-stands', level: 'ok', message, advice: null }
    }
    return {
      check: 'fence-left',
      level: 'problem',
      message: `${where} belongs to no active freeze${own ? '' : ' of this cluster'}`,
      advice: own
        ? 'The nodes lower it by themselves; quiesce fences --lift does so at once.'
        : 'If a restored dump brought it: quiesce fences --lift --foreign.',
    }
  })
}
