import ms, { type StringValue } from 'ms'
import { z } from 'zod'

const pattern = /^\d+(\.\d+)? ?(ms|s|m|h|d)$/

/** A duration with its unit, e.g. `30s`, `10m`, in milliseconds. Without a unit it is refused: is `30` seconds or milliseconds? */
export const durationFlag: z.ZodType<number, string> = z
  .string()
  .regex(pattern, 'must be a number with its unit: 500ms, 30s, 10m, 2h')
  // The pattern admits only what the library reads.
  .transform((text) => Math.round(ms(text as StringValue)))
  .refine((value) => value >= 1 && value <= 2_147_483_647, 'must be between 1ms and 24d')
