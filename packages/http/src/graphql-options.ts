import { z } from 'zod'
import type { OperationOptions } from './operation-options.ts'

/** How GraphQL operations are judged, and refusals answered. */
export interface GraphqlOptions extends OperationOptions {
  /**
   * The HTTP status of a response with a refusal: that of the problem, or 200 for clients that read no errors in others.
   * The extensions say the same either way. Default `'problem'`.
   */
  readonly httpStatus?: 'problem' | 200
}

/** The schema of what {@link GraphqlOptions} adds. */
export const graphqlShape: { readonly httpStatus: z.ZodType } = {
  httpStatus: z.union([z.literal('problem'), z.literal(200)]).optional(),
}
