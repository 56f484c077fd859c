export { onPostgres, runExample, type StartExample } from './run-example.ts'
export { type Example, type Tour, type TourOptions, tour } from './tour.ts'
