export { type GateHolder, gateOf } from './cluster/gate-access.ts'
export { guarded, settle, settleSent } from './cluster/guarded.ts'
export { type HeardMode, heardMode } from './cluster/heard-mode.ts'
export { configError, exemptionsSchema, type Problem, problemsOf } from './cluster/options.ts'
export type {
  Admission,
  Gate,
  GateMode,
  Outcome,
  RowsOfSkipped,
  Session,
  SkippedWrite,
  Ticket,
  Wanted,
} from './domain/admission.ts'
export { type ErrorKind, isQuiesceError, QuiesceError } from './domain/errors.ts'
export { writesReturnAt } from './domain/expected-end.ts'
export { isReadOnlyError, ReadOnlyError, type RefusedWrite } from './domain/read-only-error.ts'
export type { TableWrite, WriteOperation } from './domain/table-write.ts'
export type { Analysis, ControlAction, Grammar } from './sql/analysis.ts'
export { analyze } from './sql/analyze.ts'
export { createAnalyzer } from './sql/analyzer.ts'
export type { AnalyzeOptions } from './sql/function-policy.ts'
