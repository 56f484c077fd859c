import { describeFaults } from './support/faults.ts'

describeFaults('postgres')
