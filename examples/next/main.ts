// node --import tsx examples/next/main.ts [--serve]
import { runExample } from '@quiesce/example-tour'
import { requests, start } from './start.ts'

await runExample(start, requests)
