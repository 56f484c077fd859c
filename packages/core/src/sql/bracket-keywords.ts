/** Words of the language, types included, that stand before a bracket without being a call. */
const KEYWORDS: ReadonlySet<string> = new Set(
  `in values value and or not on using exists any all some over filter within group by order where select from join
  lateral union except intersect case when then else distinct as with recursive materialized having limit offset between
  like ilike is row array cast returning into index primary unique check only rollup cube grouping sets partition range
  rows groups set conflict key insert overriding columns nested ordinality variadic against div mod xor regexp rlike
  binary collate escape similar to glob match end
  bernoulli system
  char varchar character varying nchar nvarchar national numeric decimal dec float double real precision bit timestamp
  timestamptz time timetz date datetime year int integer int2 int4 int8 bigint smallint mediumint tinyint text bool
  boolean varbinary blob signed unsigned json jsonb interval bpchar varbit inet point vector halfvec geometry geography`
    .trim()
    .split(/\s+/),
)

/** Whether an unquoted word in front of a bracket is part of the language rather than a function's name. */
export function isBracketKeyword(word: string): boolean {
  return KEYWORDS.has(word)
}
