/** What the driver `mariadb` needs to know of a URL; it calls both products by its own name. */
export function mariadbUrl(url: string, connectionLimit: number): string {
  const own = new URL(url.replace(/^mysql:/, 'mariadb:'))
  own.searchParams.set('connectionLimit', String(connectionLimit))
  // MySQL sends its key for passwords without TLS only to those who ask for it.
  own.searchParams.set('allowPublicKeyRetrieval', 'true')
  return own.href
}
