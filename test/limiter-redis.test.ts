// Are limiters on a Redis judged, and does a run end in good order when that Redis does not?

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { LimiterReport } from '../sim/domain/limiter-report.ts';
import { poolproof } from './command-line.ts';
import { freePort, needsRedis, ownRedis } from './own-redis.ts';
import { placeOf } from './room.ts';

const ASKED = ['limiter', '--limiter', 'flexible-redis,flexible-memory', '--stdout', 'json'];

const asked = async (name: string, url: string) => {
  const before = process.env['POOLPROOF_REDIS_URL'];
  process.env['POOLPROOF_REDIS_URL'] = url;
  try {
    const told = await poolproof([...ASKED, '--out', placeOf(name)]);
    return { ...told, report: JSON.parse(told.stdout) as LimiterReport };
  } finally {
    if (before === undefined) delete process.env['POOLPROOF_REDIS_URL'];
    else process.env['POOLPROOF_REDIS_URL'] = before;
  }
};

test('three replicas over one Redis, started for the run, keep a window and admit 2L - 1 at its edge', async (context) => {
  needsRedis(context);
  const { code, report } = await asked('started', '');
  const rows = report.rows.filter(({ clock }) => clock === 'wall');
  expect(rows.map(({ limiter }) => limiter)).toEqual(['flexible-memory', 'flexible-redis']);
  for (const row of rows) {
    expect(row.wrongAdmissions.count).toBe(0);
    expect(row.wrongRefusals.count).toBe(0);
    expect(row.toleranceUs).toBeGreaterThan(0);
    // A machine that answers too late for its stamps to mean anything says so.
    if (row.inconclusive !== null) expect(row.inconclusive).toMatch(/^answers took so long/);
    else expect(row.fullest).toMatchObject({ admitted: 39, allowed: 20 });
  }
  if (code === 0)
    expect(report.sentence).toMatch(
      /^flexible-memory and flexible-redis kept 20 in 1 s on the real/,
    );
  expect(code).toBe(rows.some(({ inconclusive }) => inconclusive !== null) ? 4 : 0);
});

test.for(['SIGKILL', 'SIGSTOP'] as const)(
  'a Redis that goes away mid-run (%s) makes the run inconclusive, and nothing hangs',
  async (signal, context) => {
    const redis = await ownRedis(context);
    try {
      const gone = redis.counted().then(() => redis.signal(signal));
      const { code, report, stderr } = await asked(signal, redis.url);
      expect(await gone).toBe(true);
      const row = report.rows.find(({ limiter }) => limiter === 'flexible-redis');
      expect(row?.inconclusive).toMatch(/closed|timed out/i);
      expect(report.sentence).toContain('flexible-redis inconclusive');
      expect([code, report.verdict]).toEqual([4, 'inconclusive']);
      expect(stderr).toBe('');
    } finally {
      await redis.end();
    }
  },
);

test('a Redis that is not there, or never answers, is left out by name with its place', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  try {
    for (const place of [`127.0.0.1:${port}`, `127.0.0.1:${await freePort()}`]) {
      const url = `redis://someone:secret@${place}`;
      const { code, report, stdout } = await asked('absent', url);
      const [left] = report.leftOut;
      expect(left?.limiter).toBe('flexible-redis');
      expect(left?.reason).toContain(`no Redis answers at ${place}`);
      expect(report.sentence).toContain('flexible-redis left out');
      expect(code).toBe(4);
      expect(stdout).not.toContain('secret');
    }
  } finally {
    silent.close();
  }
});
