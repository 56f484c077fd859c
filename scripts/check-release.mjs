// Looks whether the packages can be published with provenance, before anything is built. npm compares each manifest's
// `repository` with the repository that the workflow runs in, and refuses the package at the very end otherwise.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const here = process.env['GITHUB_REPOSITORY']
const wanted = here === undefined ? 'github.com/OWNER/NAME' : `github.com/${here}`

const problems = readdirSync(join(root, 'packages')).flatMap((folder) => {
  const { name, repository } = JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8'))
  const url = /^git\+https:\/\/(github\.com\/[^/]+\/[^/]+)\.git$/.exec(repository?.url ?? '')?.[1]
  if (url === undefined) return [`${name}: has no repository that npm could compare`]
  const found = []
  // npm takes the case of the name as it is.
  if (here !== undefined && url !== wanted) found.push(`${name}: names ${url}, and the workflow runs in ${wanted}`)
  if (repository.directory !== `packages/${folder}`) found.push(`${name}: is not said to be in packages/${folder}`)
  return found
})
if (problems.length > 0) {
  const field = { type: 'git', url: `git+https://${wanted}.git`, directory: 'packages/FOLDER' }
  console.error(
    `Nothing was published: provenance names the repository, and npm refuses packages that do not.\n- ${problems.join('\n- ')}\n` +
      `Give each package.json: "repository": ${JSON.stringify(field)}`,
  )
  process.exitCode = 1
}
