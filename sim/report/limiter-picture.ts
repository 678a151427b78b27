// What does a limiter let through, as a picture: for each one its curve against the contract's.

import type { Envelope } from '../domain/limiter-report.ts';
import { figure, microseconds } from './numbers.ts';

const WIDTH = 300;
const HEIGHT = 180;
const MARGIN = { left: 44, right: 12, top: 28, bottom: 34 } as const;
const ACROSS = 3;

/**
 * An SVG with a panel for each limiter: across, the length of an interval; up, the most admitted in
 * any such interval, and what the contract allows in it. The same report gives the same bytes.
 */
export const limiterPicture = (envelopes: readonly Envelope[]): string => {
  const rows = Math.max(1, Math.ceil(envelopes.length / ACROSS));
  const width = WIDTH * Math.min(ACROSS, Math.max(1, envelopes.length));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${rows * HEIGHT}" width="${width}" height="${rows * HEIGHT}" font-family="sans-serif" font-size="10">`,
    `<rect width="${width}" height="${rows * HEIGHT}" fill="#fff"/>`,
    ...envelopes.map((envelope, index) => {
      const x = (index % ACROSS) * WIDTH;
      const y = Math.floor(index / ACROSS) * HEIGHT;
      return `<g transform="translate(${x} ${y})">\n${panel(envelope)}\n</g>`;
    }),
    '</svg>',
    '',
  ].join('\n');
};

const panel = ({ limiter, pattern, limit, lengthUs, points }: Envelope): string => {
  const most = Math.max(1, ...points.flatMap(({ admitted, allowed }) => [admitted, allowed]));
  const across = WIDTH - MARGIN.left - MARGIN.right;
  const up = HEIGHT - MARGIN.top - MARGIN.bottom;
  const at = (us: number, count: number): string => {
    const x = MARGIN.left + (across * us) / Math.max(1, lengthUs);
    return `${x.toFixed(1)},${(MARGIN.top + up * (1 - count / most)).toFixed(1)}`;
  };
  const line = (of: 'admitted' | 'allowed'): string =>
    points.map((point) => at(point.lengthUs, point[of])).join(' ');
  const isBeyond = points.some(({ admitted, allowed }) => admitted > allowed);
  const bottom = MARGIN.top + up;
  const right = MARGIN.left + across;
  return [
    `<text x="${MARGIN.left}" y="14" font-weight="bold">${escaped(limiter)}</text>`,
    `<text x="${right}" y="14" text-anchor="end" fill="#666">${escaped(pattern)}, ${escaped(limit)}</text>`,
    `<path d="M${MARGIN.left} ${MARGIN.top}V${bottom}H${right}" fill="none" stroke="#999"/>`,
    `<text x="${MARGIN.left - 4}" y="${MARGIN.top + 4}" text-anchor="end">${figure(most)}</text>`,
    `<text x="${MARGIN.left - 4}" y="${bottom}" text-anchor="end">0</text>`,
    `<text x="${right}" y="${bottom + 14}" text-anchor="end">${microseconds(lengthUs)}</text>`,
    `<polyline points="${line('allowed')}" fill="none" stroke="#333" stroke-dasharray="4 3"/>`,
    `<polyline points="${line('admitted')}" fill="none" stroke="${isBeyond ? '#c22' : '#27c'}" stroke-width="1.6"/>`,
    `<text x="${MARGIN.left}" y="${bottom + 28}" fill="#666">most admitted in an interval of that length; dashed: allowed</text>`,
  ].join('\n');
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
