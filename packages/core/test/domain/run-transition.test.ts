import { expect, test } from 'vitest'
import {
  enterRun,
  progressOf,
  type RunEvent,
  type RunPhase,
  type RunState,
  runTransition,
} from '../../src/domain/run-transition.ts'

const steps = [
  { name: 'a', weight: 1, afterThaw: false },
  { name: 'b', weight: 3, afterThaw: false },
]
const go = (to: Exclude<RunPhase, 'ended'>): RunEvent => ({ type: 'go', to })
const along = (...events: readonly RunEvent[]): RunState => events.reduce(runTransition, enterRun(steps))
const toSteps = [go('preflight'), go('lock'), go('freeze'), go('steps')]
const step = (index: number, status: 'running' | 'done' | 'undoing' | 'undone' | 'undo-failed'): RunEvent => ({
  type: 'step',
  index,
  status,
})

test('a run goes from phase to phase, and nowhere else (catches a run that writes before it is frozen)', () => {
  expect(along(...toSteps).phase).toBe('steps')
  for (const to of ['steps', 'verify', 'thaw', 'rollback', 'enter'] as const)
    expect(() => along(go('preflight'), go('lock'), go(to))).toThrow(`from lock to ${to}`)
  expect(() => along(go('preflight'), step(0, 'running'))).toThrow('from preflight to running')
  expect(() => along(...toSteps, { type: 'end', outcome: 'done' }, go('thaw'))).toThrow('from ended to thaw')
})

test('a step is undone only in the rollback, and only when it was begun', () => {
  const failed = [...toSteps, step(0, 'running'), step(0, 'done'), step(1, 'running')]
  expect(() => along(...failed, step(0, 'undoing'))).toThrow('from steps to undoing')
  const undone = along(
    ...failed,
    go('rollback'),
    step(1, 'undoing'),
    step(1, 'undo-failed'),
    step(0, 'undoing'),
    step(0, 'undone'),
  )
  expect(undone.steps.map(({ status }) => status)).toEqual(['undone', 'undo-failed'])
  expect(() => along(...toSteps, go('rollback'), step(0, 'undoing'))).toThrow('from waiting to undoing')
})

test('a step that nobody saw the end of is begun again when the run is resumed', () => {
  const lost = along(...toSteps, step(0, 'running'), step(0, 'done'), step(1, 'running'), { type: 'resume' })
  expect(lost.steps.map(({ status }) => status)).toEqual(['done', 'waiting'])
})

test('a run that was failing is remembered as such on its way to the thaw', () => {
  const state = along(...toSteps, { type: 'go', to: 'rollback', error: 'why' }, go('thaw'))
  expect(state).toMatchObject({ error: 'why', thawed: false })
  expect(runTransition(along(...toSteps, go('verify'), go('thaw')), go('steps')).thawed).toBe(true)
})

test('progress follows the weights, and is 100 only when the run is done', () => {
  const working = along(...toSteps, step(0, 'running'))
  expect(progressOf(working, 0)).toBe(0)
  expect(progressOf(working, 0.5)).toBe(12)
  const done = along(...toSteps, step(0, 'running'), step(0, 'done'), step(1, 'running'), step(1, 'done'))
  expect(progressOf(done, 0)).toBe(99)
  expect(progressOf({ ...done, phase: 'ended', outcome: 'done' }, 0)).toBe(100)
  expect(progressOf({ ...done, phase: 'ended', outcome: 'failed' }, 0)).toBe(99)
})
