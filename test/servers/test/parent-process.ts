import { startPostgres } from '../src/index.ts'

// Starts a server and ends without stopping it: by itself, or by the SIGKILL that the test sends.
const { url, dataDir } = await startPostgres()
process.stdout.write(JSON.stringify({ url, dataDir }))
if (process.argv[2] !== 'exit') setInterval(() => undefined, 1_000)
