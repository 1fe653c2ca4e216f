import test from 'ava';
import { cpuTicks, megabytes, usageOf } from './usage.ts';

test('processor time stands behind a name that may contain anything', (t) => {
  const stat = '42 (a (strange) name) S 1 42 42 0 -1 4194560 9 0 0 0 120 34 0 0 20 0 1 0 5 6 7';
  t.is(cpuTicks(stat), 154);
});

test('a kilobyte of the kernel has 1,024 bytes', (t) => {
  t.is(megabytes('Name:\tnode\nVmHWM:\t  9000 kB\nVmRSS:\t    1000 kB\n', 'VmRSS'), 1.024);
  t.throws(() => megabytes('Name:\tnode\n', 'VmRSS'), { message: /^no VmRSS in:/ });
});

test('this process uses some', async (t) => {
  const { cpuSeconds, rss, peakRSS } = await usageOf(process.pid);
  t.true(cpuSeconds > 0 && rss > 10 && peakRSS >= rss);
});
