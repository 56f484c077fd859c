export type { ClientAddress, Dashboard } from './dashboard.ts'
export { createDashboard } from './dashboard.ts'
export type { DashboardOptions, Viewer } from './dashboard-options.ts'
