// The contract suites wait in the same way.
export { eventually } from '../../packages/core/src/testing/contract/eventually.ts'
