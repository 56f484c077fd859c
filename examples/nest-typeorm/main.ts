// node --import tsx examples/nest-typeorm/main.ts [--serve]
import { runExample } from '@quiesce/example-tour'
import { requests, start } from './start.ts'

await runExample(start, requests)
