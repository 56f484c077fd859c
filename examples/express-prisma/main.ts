// node --import tsx examples/express-prisma/main.ts [--serve]
import { runExample } from '@quiesce/example-tour'
import { requests, start } from './start.ts'

await runExample(start, requests)
