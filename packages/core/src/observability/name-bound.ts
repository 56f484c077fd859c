/** What stands for all names behind the first ones. */
const OTHER_NAMES = '(other)'

/**
 * Keeps a label's values few: the first `most` names pass, all later ones become `(other)`.
 *
 * Tables that are made by the day, or locks named after customers, would otherwise make a time series each.
 */
export function createNameBound(most: number): (name: string) => string {
  const known = new Set<string>()
  return (name) => {
    if (known.has(name)) return name
    if (known.size >= most) return OTHER_NAMES
    known.add(name)
    return name
  }
}
