/** Now, by the server's clock and in UTC whatever the session's time zone is; stands still within one statement. */
export const now = 'UTC_TIMESTAMP(6)'

/** Milliseconds since 1970 of a zone-free DATETIME. */
export const epochMs = (expression: string): string => `TIMESTAMPDIFF(MICROSECOND, '1970-01-01', ${expression}) / 1000`

/** Milliseconds from now; negative when it is over. */
export const remainingMs = (expression: string): string => `TIMESTAMPDIFF(MICROSECOND, ${now}, ${expression}) / 1000`

/** Milliseconds up to now. */
export const ageMs = (expression: string): string => `TIMESTAMPDIFF(MICROSECOND, ${expression}, ${now}) / 1000`

/** Now plus a parameter or column of milliseconds; NULL when that is. */
export const later = (ms: string): string => `${now} + INTERVAL (${ms}) * 1000 MICROSECOND`

/** A moment given in milliseconds since 1970; NULL when that is. */
export const moment = (ms: string): string => `CAST('1970-01-01' AS DATETIME(6)) + INTERVAL (${ms}) * 1000 MICROSECOND`
