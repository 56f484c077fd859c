import type { View } from '../watch.ts'
import { figuresSection } from './figures.ts'
import { historySection } from './history.ts'
import { locksSection } from './locks.ts'
import { modeSection } from './mode.ts'
import { nodesSection } from './nodes.ts'
import { refusalsSection } from './refusals.ts'
import { runsSection } from './runs.ts'
import { timelineSection } from './timeline.ts'

/** The parts of the page that change, by their ids, as HTML. */
export function sectionsOf(view: View, canAct: boolean): ReadonlyMap<string, string> {
  const sections = {
    mode: modeSection(view, canAct),
    figures: figuresSection(view),
    nodes: nodesSection(view),
    refusals: refusalsSection(view),
    timeline: timelineSection(view),
    runs: runsSection(view, canAct),
    locks: locksSection(view, canAct),
    history: historySection(view),
  }
  return new Map(Object.entries(sections).map(([id, { html }]) => [id, html]))
}
