/**
 * Runs every check of `make test` and closes with one line: `N passed, N failed`.
 *
 * All steps run, whatever fails: one run shows everything that is wrong. A test counts as itself,
 * any other step as one.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

interface Step {
  name: string;
  command: string;
  args: string[];
  /** Prints TAP: its tests are counted one by one. */
  isTap?: boolean;
}

const steps: Step[] = [
  { name: 'format', command: 'prettier', args: ['--check', '--log-level', 'warn', '.'] },
  { name: 'lint', command: 'oxlint', args: ['--type-aware'] },
  { name: 'types', command: 'tsc', args: ['--noEmit'] },
  { name: 'generated files', command: 'node', args: ['hack/generate.ts', '--check'] },
  { name: 'unit tests', command: 'ava', args: ['--tap'], isTap: true },
  {
    name: 'integration tests',
    command: 'ava',
    args: ['--config', 'ava.integration.config.js', '--tap'],
    isTap: true,
  },
];

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

async function run(step: Step): Promise<Count> {
  const child = spawn(step.command, step.args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal === null ? (code ?? 1) : 1));
  });
  const count = step.isTap
    ? await readTap(createInterface({ input: child.stdout }))
    : await echo(createInterface({ input: child.stdout }));
  const code = await exit;
  if (!step.isTap) return code === 0 ? { ...count, passed: 1 } : { ...count, failed: 1 };
  const ranNothing = count.passed + count.failed === 0;
  const diedUnseen = code !== 0 && count.failed === 0;
  return ranNothing || diedUnseen ? { ...count, failed: count.failed + 1 } : count;
}

async function echo(lines: AsyncIterable<string>): Promise<Count> {
  for await (const line of lines) console.log(line);
  return { passed: 0, failed: 0, skipped: 0 };
}

/** Shows failures with their diagnosis and a mark of life for every hundred tests that pass. */
async function readTap(lines: AsyncIterable<string>): Promise<Count> {
  const count: Count = { passed: 0, failed: 0, skipped: 0 };
  let isShowing = false;
  for await (const line of lines) {
    if (/^(not )?ok /.test(line)) {
      isShowing = false;
      if (/# (skip|todo)/i.test(line)) count.skipped += 1;
      else if (line.startsWith('ok')) count.passed += 1;
      else {
        count.failed += 1;
        isShowing = true;
      }
      if (count.passed > 0 && count.passed % 100 === 0) console.log(`  ${count.passed} passed …`);
    }
    if (isShowing || line.startsWith('Bail out!')) console.log(line);
  }
  return count;
}

const total: Count = { passed: 0, failed: 0, skipped: 0 };
const isCalled = new Set(process.argv.slice(2));
for (const step of steps) {
  if (isCalled.size > 0 && !isCalled.has(step.name)) continue;
  const start = performance.now();
  console.log(`${step.name} …`);
  const count = await run(step);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
  console.log(
    `${step.name}: ${count.passed} passed, ${count.failed} failed${skipped} (${seconds} s)`,
  );
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed === 0 ? 0 : 1;
