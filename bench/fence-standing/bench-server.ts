/** One connection to a server, and what its server's side of it has cost. */
export interface BenchServer {
  readonly product: string
  /** Where the cluster's tables are, too. */
  readonly url: string
  run(sql: string): Promise<unknown>
  /** Nanoseconds that the server's process or thread for this connection has run: nobody else on the machine is in it. */
  serverNs(): number
  begin(isolation: string): Promise<void>
  showToken(token: string): Promise<void>
  end(): Promise<void>
}

/** The tables that are written: two without a fence, whose ratio is the noise, and one with. */
export const TABLES = ['bare', 'bare_again', 'fenced'] as const
export const ROWS = 1000
