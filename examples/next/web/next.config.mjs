export default {
  // Left as they are: they run in Node.js, and a copy in each bundle would be a node of the cluster by itself.
  serverExternalPackages: ['@quiesce/core', '@quiesce/http', 'pg'],
}
