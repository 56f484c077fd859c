import { expect, test } from 'vitest'
import { momentOf } from '../../src/domain/clock.ts'
import { createLease } from '../../src/domain/lease.ts'
import { createFakeClock } from '../../src/testing/fake-clock.ts'

test('a lease counts from before the renewal was sent (catches an age counted from the reply)', () => {
  const clock = createFakeClock()
  const lease = createLease(clock, 1000)
  const sentAt = momentOf(clock)
  clock.advance(600)
  lease.renewed(sentAt)
  expect(lease.isFresh()).toBe(true)
  clock.advance(351)
  expect(lease.isFresh()).toBe(false)
})

test('a lease is over 5 % before it is in the database (catches a missing margin for clock rates)', () => {
  const clock = createFakeClock()
  const lease = createLease(clock, 1000)
  lease.renewed(momentOf(clock))
  clock.advance(949)
  expect(lease.isFresh()).toBe(true)
  clock.advance(1)
  expect(lease.isFresh()).toBe(false)
})

test('a suspended machine does not keep its lease although the monotonic clock stood still', () => {
  const clock = createFakeClock()
  const lease = createLease(clock, 1000)
  lease.renewed(momentOf(clock))
  clock.suspend(60_000)
  expect(lease.isFresh()).toBe(false)
})

test('a wall clock that is set back does not lengthen a lease', () => {
  const clock = createFakeClock()
  const lease = createLease(clock, 1000)
  lease.renewed(momentOf(clock))
  clock.setWall(0)
  clock.advance(950)
  expect(lease.isFresh()).toBe(false)
})

test('a later renewal that grants less shortens the lease (catches a deadline that a lease outlives)', () => {
  const clock = createFakeClock()
  const lease = createLease(clock, 1000)
  lease.renewed(momentOf(clock))
  lease.renewed(momentOf(clock), 100)
  clock.advance(95)
  expect(lease.isFresh()).toBe(false)
})
