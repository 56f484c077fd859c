export { type ClientAddress, createDashboard, type Dashboard } from './dashboard.ts'
export type { DashboardOptions, Viewer } from './dashboard-options.ts'
