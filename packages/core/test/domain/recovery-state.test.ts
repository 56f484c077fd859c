import { expect, test } from 'vitest'
import { nextRecovery, type RecoveryObservation, type RecoveryState } from '../../src/domain/recovery-state.ts'

/** The states that a failure goes through, beginning with a healthy one. */
const walk = (...seen: readonly RecoveryObservation[]): readonly RecoveryState[] => {
  let state: RecoveryState = 'healthy'
  return seen.map((observation) => {
    state = nextRecovery(state, observation)
    return state
  })
}

test('not lost: waited for, recovered, healthy again', () => {
  expect(walk('alive', 'silent', 'silent', 'alive', 'alive')).toEqual([
    ...['healthy', 'waiting', 'waiting', 'recovered', 'healthy'],
  ])
})

test('not lost, but silent for long: escalated, and recovered all the same', () => {
  expect(walk('silent', 'silent-for-long', 'silent-for-long', 'alive')).toEqual([
    ...['waiting', 'escalated', 'escalated', 'recovered'],
  ])
})

test('lost: taken over, the cluster told, resumed', () => {
  expect(walk('silent', 'lease-over', 'taken-over', 'settled', 'alive')).toEqual([
    ...['waiting', 'lost', 'taken-over', 'resumed', 'healthy'],
  ])
})

test('escalated and then lost: taken over, and another holder goes on', () => {
  expect(walk('silent', 'silent-for-long', 'lease-over', 'taken-over', 'taken-over', 'alive')).toEqual([
    ...['waiting', 'escalated', 'lost', 'taken-over', 'taken-over', 'resumed'],
  ])
})

test('what somebody else had noticed first is told too', () => {
  expect(walk('taken-over', 'settled')).toEqual(['taken-over', 'resumed'])
  expect(walk('silent', 'settled')).toEqual(['waiting', 'resumed'])
})
