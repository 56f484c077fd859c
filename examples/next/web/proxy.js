import { readOnlyProxy } from '@quiesce/http/next'
import { cluster } from './quiesce.mjs'

/** The door. `/import` is let through, to show that what comes from below is answered in the same way. */
export const proxy = readOnlyProxy(cluster, { allow: ['/import'] })
