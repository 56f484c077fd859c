/** When writes are expected back: when the last of the freezes ends; `undefined` when one of them does not say. */
export function writesReturnAt(freezes: readonly { readonly expectedEnd: Date | undefined }[]): Date | undefined {
  let latest: Date | undefined
  for (const { expectedEnd } of freezes) {
    if (expectedEnd === undefined) return undefined
    if (latest === undefined || expectedEnd > latest) latest = expectedEnd
  }
  return latest
}
