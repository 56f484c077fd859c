// The applications that install the packed packages. Each: a folder of `fixtures/`, what it installs, and what it runs;
// `snippet` is a file that `docs/packages.md` shows.

const tsc = (...flags) => ['npx', 'tsc', '--strict', '--target', 'es2022', ...flags]
const typed = (typescript, ...flags) => ({
  fixture: 'types',
  type: flags.includes('commonjs') ? 'commonjs' : 'module',
  install: [`typescript@${typescript}`, '@types/node@20', '@opentelemetry/api@1.9', 'prom-client@15'],
  commands: [[...tsc('--skipLibCheck', 'false', '--noEmit', '--types', 'node', ...flags), 'app.ts']],
})
const orm = (fixture, type, install, prepare = []) => ({
  fixture,
  type,
  install: [...install, 'pg@8', '@types/pg@8', 'typescript@5.9', '@types/node@20'],
  commands: [
    ...prepare,
    [
      ...tsc('--module', 'nodenext', '--outDir', 'built', '--skipLibCheck', '--types', 'node'),
      '--experimentalDecorators',
      '--emitDecoratorMetadata',
      '--strictPropertyInitialization',
      'false',
      'app.ts',
    ],
    ['node', 'built/app.js'],
  ],
  needsDatabase: true,
})
const prisma = (version) =>
  orm(
    'prisma',
    'module',
    [`prisma@${version}`, `@prisma/client@${version}`, `@prisma/adapter-pg@${version}`],
    [['npx', 'prisma', 'generate', '--schema', `${version.split('.')[0]}.prisma`]],
  )
const nest = (version, typeorm) =>
  orm('nest', 'commonjs', [
    `@nestjs/common@${version}`,
    `@nestjs/core@${version}`,
    `@nestjs/platform-express@${version}`,
    `typeorm@${typeorm}`,
    'reflect-metadata@0.2',
    'rxjs@7',
  ])

/** By name; `check.mjs NAME…` runs those whose name contains one of the texts. */
export const consumers = {
  'node: import': { fixture: 'load', type: 'module', install: [], commands: [['node', 'esm.mjs']] },
  'node: require': {
    fixture: 'load',
    type: 'commonjs',
    install: ['@opentelemetry/api@1.9', 'prom-client@15'],
    commands: [['node', 'cjs.cjs']],
  },
  'typescript 7.0: nodenext': typed('7.0', '--module', 'nodenext'),
  'typescript 7.0: bundler': typed('7.0', '--module', 'esnext', '--moduleResolution', 'bundler'),
  'typescript 5.9: nodenext, CommonJS': { ...typed('5.9', '--module', 'nodenext'), type: 'commonjs' },
  'typescript 5.9: bundler': typed('5.9', '--module', 'esnext', '--moduleResolution', 'bundler'),
  'typescript 5.4: node10, CommonJS': typed(
    '5.4',
    '--module',
    'commonjs',
    '--moduleResolution',
    'node10',
    '--esModuleInterop',
  ),
  'jest 30': {
    fixture: 'jest',
    type: 'commonjs',
    install: ['jest@30', '@babel/core@7', '@babel/preset-env@7'],
    snippet: 'jest.config.cjs',
    commands: [['npx', 'jest', '--ci']],
  },
  'vitest 4': {
    fixture: 'vitest',
    type: 'module',
    install: ['vitest@4'],
    commands: [['npx', 'vitest', 'run']],
  },
  'typeorm 0.3.20': orm('typeorm', 'commonjs', ['typeorm@0.3.20', 'reflect-metadata@0.2']),
  'typeorm 0.3': orm('typeorm', 'commonjs', ['typeorm@0.3', 'reflect-metadata@0.2']),
  'typeorm 1': orm('typeorm', 'module', ['typeorm@1', 'reflect-metadata@0.2']),
  'prisma 6.16': prisma('6.16'),
  'prisma 7': prisma('7'),
  'nest 11, typeorm 0.3': nest('11', '0.3'),
  'nest 12, typeorm 1': nest('12', '1'),
}
