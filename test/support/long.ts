/**
 * Whether this run may take its time (`pnpm test:long`): every demo, every fault, many rounds. The test command, which has
 * ten minutes for everything, takes a share of each.
 */
export const isLong: boolean = process.env['QUIESCE_TEST_LONG'] === '1'
