/**
 * Names one fence: every object of it in the catalog bears {@link markName}, so that whoever finds one can tell whose
 * it was. `scope` is a hash of namespace and coordination tables.
 */
export interface FenceMark {
  readonly scope: string
  readonly epoch: string
  /** The first characters of the freeze's id; see {@link shortFreezeId}. */
  readonly freeze: string
}

const SHORT_ID = 12

/** What of a freeze's id stands in a fence's name. */
export function shortFreezeId(freezeId: string): string {
  return freezeId.replaceAll('-', '').slice(0, SHORT_ID)
}

/** The name that every object of a fence begins with; at most 49 characters of `[0-9a-z_]`. */
export function markName({ scope, epoch, freeze }: FenceMark): string {
  return `quiesce_${scope}_${epoch}_${freeze}`
}

/** As a regular expression for catalogs: what {@link markName} makes, whatever follows it. */
export const MARK_PATTERN: string = '^quiesce_[0-9a-f]{8}_[0-9]{1,19}_[0-9a-f]{12}'

/** The mark in an object's name; `undefined` when it is none of ours. */
export function markOf(name: string): FenceMark | undefined {
  const [, scope, epoch, freeze] = /^quiesce_([0-9a-f]{8})_([0-9]{1,19})_([0-9a-f]{12})(?:_|$)/.exec(name) ?? []
  return scope === undefined || epoch === undefined || freeze === undefined ? undefined : { scope, epoch, freeze }
}
