import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDirectory } from './cache-directory.ts'
import { cachedDirectory } from './cached-directory.ts'
import { type DebianPackage, unpackDebianPackage } from './debian-packages.ts'
import type { Product } from './server-kind.ts'
import type { Command } from './server-process.ts'

/** Returns the directory with an unpacked package and the libraries it needs; the C library is one of them. */
export async function prepareDebianRoot(kind: Product, debianPackage: DebianPackage): Promise<string> {
  const { name, suite } = debianPackage
  const directory = join(await cacheDirectory(kind), `${name}-${suite}-${process.arch}`)
  return cachedDirectory(directory, (draft) => unpackDebianPackage(kind, debianPackage, draft))
}

/**
 * Returns how to run a program of an unpacked package: with its own loader and libraries, because those of this
 * machine may be older.
 */
export function debianCommand(root: string, program: string): Command {
  const directories = ['lib', 'usr/lib'].flatMap((parent) => triplets(join(root, parent)))
  const loaders = directories.flatMap((directory) =>
    readdirSync(directory)
      .filter((name) => /^ld-linux.*\.so\.\d+$/.test(name))
      .map((name) => join(directory, name)),
  )
  return {
    program: loaders[0] ?? join(root, program),
    arguments: ['--library-path', directories.join(':'), join(root, program)],
  }
}

/** Directories of libraries, like `x86_64-linux-gnu`. */
function triplets(parent: string): readonly string[] {
  // Debian 13 and later have only the one below `usr`.
  if (!existsSync(parent)) return []
  return readdirSync(parent)
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => join(parent, name))
}
