// node --import tsx examples/fastify-both/main.ts [--serve]
import { runExample } from '@quiesce/example-tour'
import { requests, start } from './start.ts'

await runExample(start, requests)
