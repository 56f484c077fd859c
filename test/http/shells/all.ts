import type { Shell } from '../shell.ts'
import { expressShells } from './express.ts'

/** Every shell: the suite runs each, and compares their answers. */
export const shells: readonly Shell[] = [...expressShells]
