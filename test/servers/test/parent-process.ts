import { startMariadb, startMysql, startPostgres } from '../src/index.ts'

// Starts a server and ends without stopping it: by itself, or by the SIGKILL that the test sends.
const [end, name] = process.argv.slice(2)
const start = name === 'mysql' ? startMysql : name === 'mariadb' ? startMariadb : startPostgres
const { url, dataDir } = await start()
process.stdout.write(JSON.stringify({ url, dataDir }))
if (end !== 'exit') setInterval(() => undefined, 1_000)
