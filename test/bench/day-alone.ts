// The day by itself, so that time and memory are its own: prints what it took as one line of JSON.

import { keepHeapSmall } from '../../sim/cli/heap.ts';
import type { HistoryEvent, Observer } from '../../sim/domain/history.ts';
import { fold } from '../../sim/engines/run.ts';
import { wallMs } from '../../sim/kernel/wall-clock.ts';
import type { DayFigures } from './day.ts';
import { brokenOf, dayInputs, findingsOf, processorUs } from './play.ts';

/** Counts the calls that were made for requests of users. */
class Calls implements Observer {
  model = 0;
  judged = 0;
  ran = 0;

  see(event: HistoryEvent): void {
    if (event.request?.kind !== 'ask') return;
    if (event.kind === 'decided') this.judged += 1;
    if (event.kind !== 'exchange') return;
    if (event.to === 'model') this.model += 1;
    if (event.to === 'tools') this.ran += 1;
  }
}

const [requests] = process.argv.slice(2);
const inputs = await dayInputs(requests === undefined ? undefined : Number(requests));
const calls = new Calls();
const beganUs = processorUs();
const folded = await fold(inputs, {
  wallMs,
  observers: [calls],
  between: keepHeapSmall,
});
const verdicts = [...folded.verdicts, folded.measured.limits];
const { policy } = folded.measured;
const figures: DayFigures = {
  requests: folded.measured.requests.arrived,
  events: folded.played.events,
  wallMs: folded.wallMs,
  processorMs: (processorUs() - beganUs) / 1000,
  peakKiB: process.resourceUsage().maxRSS,
  modelCalls: calls.model,
  toolCalls: calls.judged,
  toolRuns: calls.ran,
  rememberedShare: policy.cacheHits / policy.decisions,
  evidence: verdicts.reduce((sum, { evidence }) => sum + evidence, 0),
  findings: verdicts.reduce((sum, { findings }) => sum + findings.length, 0),
  complaints: [
    ...findingsOf(verdicts),
    ...brokenOf(folded.measured.requests.arrived, folded.played.stalled),
  ],
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
