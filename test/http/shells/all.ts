import type { Shell } from '../shell.ts'
import { expressShells } from './express.ts'
import { fastifyShells } from './fastify.ts'
import { honoShells } from './hono.ts'
import { koaShell } from './koa.ts'
import { nestShells } from './nest.ts'
import { nextShell } from './next.ts'
import { nodeShells } from './node.ts'
import { webShell } from './web.ts'

/** Every shell: the suite runs each, and compares their answers. */
export const shells: readonly Shell[] = [
  ...expressShells,
  ...fastifyShells,
  koaShell,
  ...honoShells,
  webShell,
  nextShell,
  ...nestShells,
  ...nodeShells,
]
