/**
 * Runs every check of a suite and closes with one line: `N passed, N failed`.
 *
 * All steps run, whatever fails: one run shows everything that is wrong. A test counts as itself,
 * any other step as one.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

interface Step {
  name: string;
  command: string;
  args: string[];
  /** Counts the tests of a step that has more than one, and shows what of its output is worth reading. */
  read?: (lines: AsyncIterable<string>) => Promise<Count>;
}

const controlPlane = 'node hack/kubernetes/main.ts';

const suites: Record<string, Step[]> = {
  test: [
    { name: 'format', command: 'prettier', args: ['--check', '--log-level', 'warn', '.'] },
    { name: 'lint', command: 'oxlint', args: ['--type-aware'] },
    { name: 'types', command: 'tsc', args: ['--noEmit'] },
    { name: 'generated files', command: 'node', args: ['hack/generate.ts', '--check'] },
    ava('unit tests', 'ava.config.js'),
    ava('integration tests', 'ava.integration.config.js'),
  ],
  real: [
    // Builds the programs where they are missing, which takes minutes and shows its progress.
    shell('a control plane', `eval "$(${controlPlane} start --full)" && ${controlPlane} stop`),
    ava('API conformance of a control plane', 'ava.conformance-real.config.js'),
    ava('integration tests on a control plane', 'ava.stories-real.config.js'),
    ava('long integration tests on the embedded cluster', 'ava.long-stories.config.js'),
    ava('integration tests of cluster.k8s.io', 'ava.stories-cluster-k8s-io.config.js'),
    ava('hollow nodes and clients, ours and the real ones', 'ava.real.config.js'),
    shell('no control plane is left', `! ${controlPlane} status`),
  ],
  e2e: [
    { name: "the user's journey", command: 'node', args: ['hack/e2e.ts'], read: readTap },
    shell('no control plane is left', `! ${controlPlane} status`),
  ],
  bench: [
    { name: 'benchmarks', command: 'node', args: ['test/bench/main.ts', 'check'], read: readTap },
  ],
};

function ava(name: string, config: string): Step {
  return { name, command: 'ava', args: ['--config', config, '--no-color'], read: readAva };
}

function shell(name: string, line: string): Step {
  return { name, command: 'bash', args: ['-c', line] };
}

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

async function run(step: Step, env: NodeJS.ProcessEnv): Promise<Count> {
  const child = spawn(step.command, step.args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const exit = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal === null ? (code ?? 1) : 1));
  });
  const { read = echo } = step;
  const count = await read(createInterface({ input: child.stdout }));
  const code = await exit;
  if (read === echo) return code === 0 ? { ...count, passed: 1 } : { ...count, failed: 1 };
  const ranNothing = count.passed + count.failed + count.skipped === 0;
  const diedUnseen = code !== 0 && count.failed === 0;
  return ranNothing || diedUnseen ? { ...count, failed: count.failed + 1 } : count;
}

async function echo(lines: AsyncIterable<string>): Promise<Count> {
  for await (const line of lines) console.log(line);
  return { passed: 0, failed: 0, skipped: 0 };
}

/** Shows everything: there are few tests, and they say what they do. */
async function readTap(lines: AsyncIterable<string>): Promise<Count> {
  const count: Count = { passed: 0, failed: 0, skipped: 0 };
  for await (const line of lines) {
    console.log(line);
    if (!/^(not )?ok /.test(line)) continue;
    if (/# (skip|todo)/i.test(line)) count.skipped += 1;
    else if (line.startsWith('ok')) count.passed += 1;
    else count.failed += 1;
  }
  return count;
}

/**
 * Shows a mark of life for every hundred tests that pass, and everything that ava says about others. It
 * reads ava's report for people: the one in TAP ends where an error has no stack, and so hides what failed.
 */
async function readAva(lines: AsyncIterable<string>): Promise<Count> {
  const count: Count = { passed: 0, failed: 0, skipped: 0 };
  let isShowing = false;
  for await (const line of lines) {
    if (/^ *[✔√] /.test(line)) {
      count.passed += 1;
      if (count.passed % 100 === 0) console.log(`  ${count.passed} passed …`);
      continue;
    }
    if (/^ *[✘×] \[/.test(line)) count.failed += 1;
    if (/^ *- \[(skip|todo)\]/.test(line)) count.skipped += 1;
    isShowing ||= !/^ *($|─|ℹ|\d+ tests? passed)/.test(line);
    if (isShowing) console.log(line);
  }
  return count;
}

async function runAll(steps: readonly Step[], env: NodeJS.ProcessEnv): Promise<Count> {
  const total: Count = { passed: 0, failed: 0, skipped: 0 };
  for (const step of steps) {
    if (isInterrupted) break;
    const start = performance.now();
    console.log(`${step.name} …`);
    const count = await run(step, env);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${step.name}: ${textOf(count)} (${seconds} s)`);
    total.passed += count.passed;
    total.failed += count.failed;
    total.skipped += count.skipped;
  }
  return total;
}

function textOf({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

const [name = 'test'] = process.argv.slice(2);
const steps = suites[name];
if (steps === undefined) {
  console.error(`test: "${name}" is none of ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}

// Ctrl-C reaches the step as well: it ends, and then this.
let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => (isInterrupted = true));
}

// Control planes of this run live in a folder of their own, so that none of them can stay behind.
const folder = await mkdtemp(join(tmpdir(), 'kubemark-test-'));
const env = { ...process.env, XDG_STATE_HOME: folder };
const total = await runAll(steps, env);
await run(shell('clean up', `${controlPlane} stop --all`), env);
await rm(folder, { recursive: true, force: true });
if (total.skipped > 0) console.log(`${total.skipped} skipped`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && !isInterrupted ? 0 : 1;
