import { coordinationFaults } from './coordination.ts'
import type { Fault } from './fault.ts'
import { networkFaults } from './network.ts'
import { processFaults } from './processes.ts'
import { serverFaults } from './server.ts'
import { statementFaults } from './statements.ts'

/** Every fault; the first is none. */
export const faults: readonly Fault[] = [
  { name: 'none', strike: async () => ({ heal: async () => {} }) },
  ...networkFaults,
  ...processFaults,
  ...statementFaults,
  ...serverFaults,
  ...coordinationFaults,
]
