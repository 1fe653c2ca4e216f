/** MachineSets in a few lines: what a plan leads to, without a cluster. */
import { planScalings } from '../plan.ts';
import type { Rollout, Scaling } from '../rollout.ts';

interface SimulatedSet {
  readonly name: string;
  desired: number;
  /** One entry for each Machine: whether it is available. */
  machines: boolean[];
  /** What its status tells. */
  reported: { current: number; available: number; isObserved: boolean };
  scaledFor?: { replicas: number; most: number };
  /** Its template makes Machines that never become available. */
  isBroken: boolean;
  mayCreate: boolean;
}

export type Conditions = Omit<Rollout, 'newSet' | 'oldSets'>;

export interface NewSet {
  replicas?: number;
  isBroken?: boolean;
}

/** Who acts next: a number from 0 to less than 1. */
export type Random = () => number;

export class Simulation {
  #conditions: Conditions;
  /** What was promised before a change may still be on its way. */
  #most = 0;
  #fewest = Infinity;
  readonly log: string[] = [];
  /** What the plan promises and did not keep. */
  readonly broken: string[] = [];
  /** The oldest first; the last one is the new one. */
  readonly #sets: SimulatedSet[] = [];

  constructor(conditions: Partial<Conditions>, old: readonly NewSet[]) {
    this.#conditions = {
      strategy: 'RollingUpdate',
      isPaused: false,
      replicas: 3,
      maxSurge: 1,
      maxUnavailable: 0,
    };
    this.set(conditions);
    for (const set of old) this.add(set);
  }

  set(conditions: Partial<Conditions>): void {
    this.#conditions = { ...this.#conditions, ...conditions };
    const { replicas, maxSurge, maxUnavailable } = this.#conditions;
    this.#most = Math.max(this.#most, replicas + maxSurge);
    this.#fewest = Math.min(this.#fewest, replicas - maxUnavailable);
  }

  /** Another template: what was new is old from now on. */
  add({ replicas = 0, isBroken = false }: NewSet = {}): void {
    const name = String.fromCodePoint('a'.codePointAt(0)! + this.#sets.length);
    const machines = Array.from({ length: replicas }, () => !isBroken);
    const set = { name, desired: replicas, machines, isBroken, mayCreate: true };
    const { replicas: wanted, maxSurge } = this.#conditions;
    const scaledFor = { replicas: wanted, most: wanted + maxSurge };
    const reported = { current: 0, available: 0, isObserved: false };
    this.#sets.push({ ...set, ...(replicas > 0 && { scaledFor }), reported });
    this.#report(this.#sets.at(-1)!);
  }

  /** An old template again. */
  rollBack(name: string): void {
    const index = this.#sets.findIndex((set) => set.name === name);
    this.#sets.push(...this.#sets.splice(index, 1));
  }

  /** Somebody deletes a Machine. */
  delete(name: string): void {
    this.#sets.find((set) => set.name === name)?.machines.shift();
  }

  /** Everybody acts in turn until nothing changes any more, or for so many rounds. */
  rounds(most = 30): void {
    for (let round = 0; round < most; round++) {
      const before = JSON.stringify(this.#sets);
      this.#note(this.state);
      for (const act of this.#actors()) act();
      if (JSON.stringify(this.#sets) === before) return;
    }
  }

  /** Somebody acts, and so on, for so many turns. */
  randomly(random: Random, turns: number): void {
    for (let turn = 0; turn < turns; turn++) {
      const actors = [...this.#actors()];
      actors[Math.floor(random() * actors.length)]?.();
    }
  }

  /** `a 2/3  b 1/1`: available and all Machines of each set that has any. */
  get state(): string {
    return this.#sets
      .filter(({ desired, machines }) => desired + machines.length > 0)
      .map(({ name, machines }) => `${name} ${countAvailable(machines)}/${machines.length}`)
      .join('  ');
  }

  *#actors(): Iterable<() => void> {
    yield () => this.#plan();
    for (const set of this.#sets) {
      yield () => this.#sync(set);
      yield () => this.#start(set);
      yield () => this.#report(set);
    }
  }

  #plan(): void {
    const sets = this.#sets.map(({ reported, ...set }) => ({ ...set, ...reported }));
    const newSet = sets.at(-1)!;
    const { strategy, isPaused } = this.#conditions;
    for (const set of this.#sets) {
      set.mayCreate = isPaused || strategy === 'RollingUpdate' || set.name === newSet.name;
    }
    const rollout = { ...this.#conditions, newSet, oldSets: sets.slice(0, -1) };
    for (const scaling of planScalings(rollout)) this.#scale(scaling);
  }

  #scale({ set: { name, desired }, to, because }: Scaling): void {
    const set = this.#sets.find((other) => other.name === name)!;
    const { replicas, maxSurge } = this.#conditions;
    set.scaledFor = { replicas, most: replicas + maxSurge };
    if (to === desired) return;
    set.desired = to;
    set.reported.isObserved = false;
    this.#note(`  ${name} ${desired} → ${to}: ${because}`);
  }

  /** What its controller does; its status tells of what it found. */
  #sync(set: SimulatedSet): void {
    this.#report(set);
    while (set.mayCreate && set.machines.length < set.desired) {
      set.machines.push(false);
      this.#check('too many Machines', this.#exist <= this.#most);
    }
    while (set.machines.length > set.desired) {
      const unavailable = set.machines.indexOf(false);
      set.machines.splice(Math.max(0, unavailable), 1);
      const isHarmless = unavailable >= 0 || this.#conditions.strategy === 'OnDelete';
      this.#check('too few available', isHarmless || this.#available >= this.#fewest);
    }
  }

  #start(set: SimulatedSet): void {
    const starting = set.machines.indexOf(false);
    if (starting >= 0 && !set.isBroken) set.machines[starting] = true;
  }

  #report(set: SimulatedSet): void {
    const available = countAvailable(set.machines);
    set.reported = { current: set.machines.length, available, isObserved: true };
  }

  get #exist(): number {
    return this.#sets.flatMap(({ machines }) => machines).length;
  }

  get #available(): number {
    return countAvailable(this.#sets.flatMap(({ machines }) => machines));
  }

  #check(what: string, isKept: boolean): void {
    if (!isKept) this.broken.push(`${what}: ${this.state}`);
  }

  /** Nothing twice in a row. */
  #note(line: string): void {
    if (this.log.at(-1) !== line) this.log.push(line);
  }
}

function countAvailable(machines: readonly boolean[]): number {
  return machines.filter(Boolean).length;
}

/** Numbers that look random and are always the same for a seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
