/**
 * How strong a freeze is: it holds this process back, which is the whole cluster; or every registered node, each of which
 * has acked or been waited out; or everybody, because the database itself refuses; `none` when the caller accepted nodes
 * that only report. See the guarantees in the README.
 */
export type Guarantee = 'none' | 'local' | 'acknowledged' | 'fenced'
