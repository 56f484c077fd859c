import type { Judge, Verdict } from './model-writes.ts'
import { judgeRows, judgeUpdate } from './model-writes.ts'
import { isEmptyList, judgeCreate, judgeUpdateTree, judgeUpsert, part } from './nested-writes.ts'

/**
 * What of a model operation is certainly refused, by the arguments alone: the first such write, in words of the model.
 *
 * It never allows: reads, raw SQL, and whatever it can't decide go on to the statements.
 */
export function earlyRefusal(judge: Judge, modelName: string, operation: string, args: unknown): Verdict {
  const model = judge.models.get(modelName)
  if (model === undefined) return undefined
  const path = `${modelName}.${operation}`
  switch (operation) {
    case 'create':
      return judgeCreate(judge, model, part(args, 'data'), path)
    case 'createMany':
    case 'createManyAndReturn':
      return isEmptyList(part(args, 'data')) ? undefined : judgeRows(judge, model, 'insert', path)
    case 'update':
      return judgeUpdateTree(judge, model, part(args, 'data'), path)
    case 'updateMany':
    case 'updateManyAndReturn':
      return judgeUpdate(judge, model, part(args, 'data'), path)
    case 'upsert':
      return judgeUpsert(judge, model, args, path)
    case 'delete':
    case 'deleteMany':
      return judgeRows(judge, model, 'delete', path)
    default:
      return undefined
  }
}
