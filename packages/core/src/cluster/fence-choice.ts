import type { FenceBackend, FenceSurvey, SurveyRequest } from '../domain/fence.ts'

/** The backend that a freeze would be fenced with. */
export interface FenceChoice {
  readonly backend: FenceBackend
  readonly survey: FenceSurvey
  /** Why this one; `undefined` where there is no other. */
  readonly because: string | undefined
}

/**
 * Takes the backend of that name; where none is given, the first one, in the order of preference, that is installed and has nothing in its way; if there is none,
 * the last one that needs no installation, with the obstacles of all that are installed.
 */
export async function chooseFence(
  all: readonly FenceBackend[],
  request: SurveyRequest,
  name?: string | undefined,
): Promise<FenceChoice | undefined> {
  const backends = all.filter((one) => (name === undefined ? one.byNameOnly !== true : one.name === name))
  const passed: string[] = []
  const inTheWay: string[] = []
  let last: FenceChoice | undefined
  for (const backend of backends) {
    const survey = await backend.survey(request)
    const { obstacles, installed } = survey
    if (obstacles.length === 0) {
      const why = installed === true ? 'it is installed and covers what this freeze needs' : passed.join('; ')
      return { backend, survey, because: why === '' ? undefined : why }
    }
    passed.push(`${backend.name} was passed over: ${obstacles.join('; ')}`)
    if (installed !== false) inTheWay.push(...obstacles)
    last = { backend, survey, because: undefined }
  }
  return (
    last && { ...last, survey: { ...last.survey, obstacles: inTheWay.length > 0 ? inTheWay : last.survey.obstacles } }
  )
}
