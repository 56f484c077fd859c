import { z } from 'zod'

/** What `quiesce ui --json` prints once it listens. */
export const uiDocument = z.strictObject({
  schema: z.literal('quiesce.ui/1'),
  /** With the token that works once. */
  url: z.url(),
  /** Whether the page can change anything. */
  actions: z.boolean(),
})

/** What `quiesce ui --json` prints once it listens. */
export type UiDocument = z.output<typeof uiDocument>
