const COLUMNS = ['id', 'name', 'description', 'deck_id', 'creator_id', 'created_at', 'updated_at', 'last_used_at']
const postgres = (column: string): string => `"public"."card"."${column}"`
const mysql = (column: string): string => `\`shop\`.\`card\`.\`${column}\``

/** A statement of the size and shape that ORMs send. */
export interface Sample {
  readonly name: string
  readonly grammar: 'postgres' | 'mysql'
  readonly sql: string
}

export const samples: readonly Sample[] = [
  {
    name: 'select, 8 columns',
    grammar: 'postgres',
    sql: `SELECT ${COLUMNS.map(postgres).join(', ')} FROM "public"."card" WHERE (${postgres('id')} = $1 AND 1=1) LIMIT $2 OFFSET $3`,
  },
  {
    name: 'select, 8 columns, MySQL',
    grammar: 'mysql',
    sql: `SELECT ${COLUMNS.map(mysql).join(', ')} FROM \`shop\`.\`card\` WHERE (${mysql('id')} = ? AND 1=1) LIMIT ? OFFSET ?`,
  },
  {
    name: 'update, 2 columns',
    grammar: 'postgres',
    sql: `UPDATE "public"."card" SET "last_used_at" = $1, "updated_at" = $2 WHERE (${postgres('id')} = $3 AND 1=1) RETURNING ${postgres('id')}`,
  },
  {
    name: 'insert, 8 columns',
    grammar: 'postgres',
    sql: `INSERT INTO "public"."card" (${COLUMNS.map((column) => `"${column}"`).join(',')}) VALUES ($1,$2,$3,$4,$5,$6,$7,$8) RETURNING ${postgres('id')}`,
  },
  {
    name: 'join of two, 16 aliases',
    grammar: 'postgres',
    sql: `SELECT ${COLUMNS.map((column) => `"Card"."${column}" AS "Card_${column}", "deck"."${column}" AS "deck_${column}"`).join(', ')} FROM "card" "Card" LEFT JOIN "deck" "deck" ON "deck"."id"="Card"."deck_id" WHERE "Card"."id" = $1`,
  },
]
