// How is a contract said in words: its limits, and the band within which it is kept?

import type { Band, Contract, Limit } from '../domain/contract.ts';
import { formatDuration } from '../scenario.ts';

export const limitText = (limit: Limit): string => {
  const whose = limit.scope === 'key' ? 'of each key' : 'of all keys together';
  if ('permitNs' in limit) {
    const perSecond = Number((1e9 / limit.permitNs).toPrecision(6));
    return `${limit.name}: ${limit.kind}, ${perSecond} a second, burst ${limit.burst}, ${whose}`;
  }
  if (limit.kind === 'quota') {
    const at = `${String(Math.floor(limit.resetMinutes / 60)).padStart(2, '0')}:${String(limit.resetMinutes % 60).padStart(2, '0')}`;
    return `${limit.name}: quota, ${limit.requests} a ${limit.period}, reset at ${at} ${limit.zone}, ${whose}`;
  }
  const begins = limit.kind === 'fixed-window' ? `, begun by ${limit.begins}` : '';
  return `${limit.name}: ${limit.kind}, ${limit.requests} in ${formatDuration(limit.windowUs)}${begins}, ${whose}`;
};

export const bandText = (contract: Contract, { overshoot, undershoot }: Band): string =>
  `tolerance band: up to ${shareText(overshoot)} above is no wrong admission, down to ` +
  `${shareText(undershoot)} below no wrong refusal` +
  (contract.bestEffort === undefined ? ' (assumed, for best-effort only)' : ' (stated)');

const shareText = (share: number): string => `${Number((share * 100).toPrecision(12))} %`;
