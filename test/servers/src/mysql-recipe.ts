import type { DebianPackage } from './debian-packages.ts'
import type { ServerKind } from './server-kind.ts'
import type { Command } from './server-process.ts'

/** Where a server of the MySQL family is, and what to tell it about that. */
export interface MysqlPrograms {
  /** The server with the arguments it always needs. */
  readonly server: Command
  /** Directory of its SQL scripts, messages and character sets. */
  readonly share: string
}

/** Settings by their name on the command line. */
export type MysqlSettings = Readonly<Record<string, string>>

/** What MySQL and MariaDB do differently. */
export interface MysqlRecipe {
  readonly kind: ServerKind
  readonly program: string
  /** True when the output of `program --version` is the one of this product. */
  isOwnVersion(output: string): boolean
  readonly debianPackage: DebianPackage
  /** Settings on top of the ones that suit a test server of either product. */
  readonly settings: MysqlSettings
  /** Settings that write a binary log of rows, and that write none. */
  readonly binlog: { readonly on: MysqlSettings; readonly off: MysqlSettings }
  /** Arguments that fill an empty data directory; the input is a file with {@link MysqlRecipe.script}. */
  readonly initialisation: readonly string[]
  /** SQL that gives root of 127.0.0.1 an empty password, among other things. */
  script(programs: MysqlPrograms): Promise<string>
}
