import { quantile } from './statistics.ts'

/** What one way costs against another where nothing else disturbs. */
export interface QuietRatio {
  readonly ratio: number
  /** Where 95 % of the ratios lie that other rounds of the same kind would have given. */
  readonly interval: readonly [number, number]
  /** The lower quartile of the difference to the other one's. */
  readonly added: number
}

const RESAMPLED = 1000

/**
 * The ratio of two lower quartiles, with its interval by resampling the rounds.
 *
 * Whatever else a machine does only adds to a round, so the lower quartile tells more of the code than the median does;
 * on a machine that is idle they agree.
 */
export function quietRatio(base: readonly number[], other: readonly number[]): QuietRatio {
  const resampled: number[] = []
  for (let n = 0; n < RESAMPLED; n++) {
    const picks = base.map(() => Math.floor(Math.random() * base.length))
    const of = (values: readonly number[]): number => quiet(picks.map((index) => values[index] ?? Number.NaN))
    resampled.push(of(other) / of(base))
  }
  return {
    ratio: quiet(other) / quiet(base),
    interval: [quantile(resampled, 0.025), quantile(resampled, 0.975)],
    added: quiet(other) - quiet(base),
  }
}

/** What a round costs when little else is going on. */
export function quiet(values: readonly number[]): number {
  return quantile(values, 0.25)
}
