import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The path of a database of a test's own, in a directory of its own. */
export interface TemporaryFile {
  readonly directory: string
  readonly file: string
  readonly url: string
  remove(): void
}

/** Names a database that is not there yet. */
export function temporaryFile(): TemporaryFile {
  const directory = mkdtempSync(join(tmpdir(), 'quiesce-sqlite-'))
  const file = join(directory, 'app.db')
  return { directory, file, url: `file:${file}`, remove: () => rmSync(directory, { recursive: true, force: true }) }
}
