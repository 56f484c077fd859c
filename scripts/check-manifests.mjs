const SCRIPTS_OF_INSTALL = ['preinstall', 'install', 'postinstall', 'prepare']

/** Checks what the packages promise in their manifests; all problems are told at once. */
export function checkManifests(packages) {
  const [first] = packages
  const problems = packages.flatMap(({ manifest, files }) => {
    const found = []
    const demand = (holds, what) => holds || found.push(`${manifest.name}: ${what}`)
    demand(manifest.version === first.manifest.version, `version ${manifest.version}, not ${first.manifest.version}`)
    demand(manifest.engines?.node === first.manifest.engines.node, `engines.node differs from ${first.manifest.name}`)
    demand(manifest.type === 'module', 'is not "type": "module"')
    demand(manifest.sideEffects === false, 'does not say "sideEffects": false')
    demand(manifest.license === 'MIT' && files.includes('package/LICENSE'), 'has no MIT licence in its tarball')
    demand(files.includes('package/README.md'), 'has no README.md, so its page at npm is empty')
    demand(manifest.publishConfig?.provenance === true, 'does not say "publishConfig": { "provenance": true }')
    for (const script of SCRIPTS_OF_INSTALL)
      demand(manifest.scripts?.[script] === undefined, `runs ${script} on install`)
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      demand(!version.startsWith('workspace:'), `depends on ${name}@${version}`)
    }
    for (const target of Object.keys(manifest.exports ?? {}).filter(isSubpath)) {
      const types = manifest.typesVersions?.['*']?.[target.slice(2)]
      demand(types !== undefined, `${target} has no typesVersions, so older module resolutions don't find its types`)
    }
    for (const file of files) demand(!/\.(tsbuildinfo|tgz|log)$|node_modules/.test(file), `ships ${file}`)
    return found
  })
  if (problems.length > 0) throw new Error(`The packages are not as they promise to be:\n- ${problems.join('\n- ')}`)
}

function isSubpath(target) {
  return target !== '.' && target !== './package.json'
}
