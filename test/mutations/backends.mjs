const test = 'test/fence/mysql-schema.test.ts'
const switchFile = 'packages/core/src/dialects/mysql/schema-switch.ts'

/** What the tests of READ ONLY schemas and of SQLite's belt have to notice. */
export const backends = [
  {
    rule: 'schema fence: a thaw leaves the switch on for as long as another freeze needs it',
    test,
    databases: 'mysql',
    name: 'stay for as long as one of two freezes',
    edits: [{ file: switchFile, from: 'if (!isListed(others, schema)) await', to: 'if (others.length < 1e9) await' }],
  },
  {
    rule: 'schema fence: a schema that somebody else has made READ ONLY is left alone',
    test,
    databases: 'mysql',
    name: 'of a holder that is gone',
    edits: [
      {
        file: 'packages/core/src/dialects/mysql/schema-survey.ts',
        from: '...[...thrown].filter((schema) => !isListed(markers, schema)).map(foreignSwitch),',
        to: '...[...thrown].filter((schema) => isListed(markers, schema)).map(foreignSwitch),',
      },
      { file: switchFile, from: 'if (foreign.length > 0) throw', to: 'if (foreign.length > 1e9) throw' },
    ],
  },
  {
    rule: 'schema fence: nothing exempt is promised where the switch knows no exemptions',
    test,
    databases: 'mysql',
    name: 'have no exemptions',
    edits: [
      {
        file: 'packages/core/src/dialects/mysql/schema-survey.ts',
        from: 'if (partly.length === 0) return []',
        to: 'if (partly.length < 1e9) return []',
      },
    ],
  },
  {
    rule: 'schema fence: a session that is paused with the lock is ended',
    test,
    databases: 'mysql',
    name: 'paused with the lock of the switch',
    edits: [{ file: switchFile, from: "COMMAND = 'Sleep'", to: "COMMAND = 'Awake'" }],
  },
  {
    rule: 'schema fence: an attempt that gave up is not taken for a fence',
    test,
    databases: 'mysql',
    name: 'that a writer keeps from being thrown',
    edits: [
      {
        file: 'packages/core/src/dialects/mysql/schema-survey.ts',
        from: 'thrown.has(schema) && own?.schemas.includes(schema) === true',
        to: 'own?.schemas.includes(schema) === true',
      },
      { file: switchFile, from: 'if (isLocked) return step', to: "if (isLocked) return 'done'" },
    ],
  },
  {
    rule: 'SQLite’s belt: where nothing is exempt, no statement writes',
    test: 'test/sqlite/belt.test.ts',
    name: 'refuse what comes past the guards',
    edits: [
      {
        file: 'packages/core/src/dialects/sqlite/belt.ts',
        from: "const access = ofAll === 'read-only' ? ofAll : wearer.accessFor(sql)",
        to: 'const access = wearer.accessFor(sql)',
      },
    ],
  },
  {
    rule: 'SQLite’s belt: a transaction that wrote before the freeze may finish',
    test: 'test/sqlite/belt.test.ts',
    name: 'finishes, and one that sees the thaw',
    edits: [
      {
        file: 'packages/core/src/dialects/sqlite/belt.ts',
        from: 'if (connection.inTransaction) {',
        to: 'if (connection.inTransaction && isOn) {',
      },
    ],
  },
]
