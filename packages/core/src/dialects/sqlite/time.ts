/** Milliseconds since 1970 by SQLite's clock; the same throughout one statement. */
export const now = `CAST(round(unixepoch('subsec') * 1000) AS INTEGER)`

/** `now` plus milliseconds; NULL when those are. */
export const later = (ms: string): string => `${now} + ${ms}`

/** Milliseconds from now; NULL when there is no such moment. */
export const remainingMs = (moment: string): string => `${moment} - ${now}`

/** Milliseconds since a moment. */
export const ageMs = (moment: string): string => `${now} - ${moment}`

/** The end of a lease that no deadline cuts short later: min() is NULL when one of its values is. */
export const leaseEnd = (lease: string, deadline: string): string => `min(${lease}, coalesce(${deadline}, ${lease}))`
