import { configError } from '@quiesce/core/adapter'

/** What every Nest application has: `reflect-metadata` adds it to the global `Reflect`. */
interface MetadataReflect {
  defineMetadata(key: string, value: unknown, target: object): void
  getMetadata(key: string, target: object): unknown
}

/** Notes something about a class or a handler, where Nest and what copies its metadata find it. */
export function defineMetadata(key: string, value: unknown, target: object): void {
  metadata().defineMetadata(key, value, target)
}

/** What was noted, also on a class that this one extends. */
export function metadataOf(key: string, target: object): unknown {
  return metadata().getMetadata(key, target)
}

function metadata(): MetadataReflect {
  if (!('getMetadata' in Reflect))
    throw configError('@quiesce/http/nest', [
      {
        path: 'Reflect.getMetadata',
        message: 'must exist: import reflect-metadata first, as Nest does',
        value: 'undefined',
      },
    ])
  // Its types are global, and belong to whoever imports it.
  return Reflect as unknown as MetadataReflect
}
