import test from 'ava';
import { matchesGolden } from '#test/helpers/golden.ts';
import { planScalings } from './plan.ts';
import type { Rollout } from './rollout.ts';
import { seeded, Simulation, type Conditions, type NewSet } from './testing/simulation.ts';

interface Scenario {
  title: string;
  conditions?: Partial<Conditions>;
  sets: NewSet[];
  /** What happens, each when everything before has come to rest, or after so many rounds. */
  changes?: { after?: number; what: string; happens: (simulation: Simulation) => void }[];
  end: string;
}

const scenarios: Scenario[] = [
  {
    title: 'one more at a time',
    sets: [{ replicas: 3 }, {}],
    end: 'b 3/3',
  },
  {
    title: 'one fewer at a time',
    conditions: { maxSurge: 0, maxUnavailable: 1 },
    sets: [{ replicas: 3 }, {}],
    end: 'b 3/3',
  },
  {
    title: 'three more and two fewer of ten',
    conditions: { replicas: 10, maxSurge: 3, maxUnavailable: 2 },
    sets: [{ replicas: 10 }, {}],
    end: 'b 10/10',
  },
  {
    title: 'all at once',
    conditions: { maxUnavailable: 3 },
    sets: [{ replicas: 3 }, {}],
    end: 'b 3/3',
  },
  {
    title: 'a new template that does not work stops after the surge',
    sets: [{ replicas: 3 }, { isBroken: true }],
    end: 'a 3/3  b 0/1',
  },
  {
    title: 'a template that does not work is replaced',
    sets: [{ replicas: 3 }, { isBroken: true }],
    changes: [{ what: 'a third template', happens: (simulation) => simulation.add() }],
    end: 'c 3/3',
  },
  {
    title: 'nothing old works',
    sets: [{ replicas: 3, isBroken: true }, {}],
    end: 'b 3/3',
  },
  {
    title: 'rolled back half way',
    conditions: { replicas: 5 },
    sets: [{ replicas: 5 }, {}],
    changes: [{ after: 6, what: 'rolled back', happens: (simulation) => simulation.rollBack('a') }],
    end: 'a 5/5',
  },
  {
    title: 'more replicas half way',
    conditions: { replicas: 4 },
    sets: [{ replicas: 4 }, {}],
    changes: [{ after: 4, what: '8 replicas', happens: replicas(8) }],
    end: 'b 8/8',
  },
  {
    title: 'fewer replicas half way',
    conditions: { replicas: 8, maxSurge: 2 },
    sets: [{ replicas: 8 }, {}],
    changes: [{ after: 4, what: '4 replicas', happens: replicas(4) }],
    end: 'b 4/4',
  },
  {
    title: 'no replicas half way',
    sets: [{ replicas: 3 }, {}],
    changes: [{ after: 3, what: '0 replicas', happens: replicas(0) }],
    end: '',
  },
  {
    title: 'another number of replicas alone',
    sets: [{ replicas: 3 }],
    changes: [{ what: '5 replicas', happens: replicas(5) }],
    end: 'a 5/5',
  },
  {
    title: 'paused half way, scaled, resumed',
    conditions: { replicas: 6, maxSurge: 2 },
    sets: [{ replicas: 6 }, {}],
    changes: [
      { after: 3, what: 'paused', happens: paused(true) },
      { what: '12 replicas', happens: replicas(12) },
      { what: 'resumed', happens: paused(false) },
    ],
    end: 'b 12/12',
  },
  {
    title: 'paused before it began',
    conditions: { isPaused: true },
    sets: [{ replicas: 3 }, {}],
    changes: [{ what: '5 replicas', happens: replicas(5) }],
    end: 'a 5/5',
  },
  {
    title: 'on deletion',
    conditions: { strategy: 'OnDelete', maxSurge: 0 },
    sets: [{ replicas: 3 }, {}],
    changes: [
      { what: 'one is deleted', happens: (simulation) => simulation.delete('a') },
      { what: 'another is deleted', happens: (simulation) => simulation.delete('a') },
      { what: 'a new one is deleted', happens: (simulation) => simulation.delete('b') },
    ],
    end: 'a 1/1  b 2/2',
  },
  {
    title: 'on deletion, and scaled',
    conditions: { strategy: 'OnDelete', maxSurge: 0 },
    sets: [{ replicas: 3 }, {}],
    changes: [
      { what: 'one is deleted', happens: (simulation) => simulation.delete('a') },
      { what: '5 replicas', happens: replicas(5) },
      { what: '2 replicas', happens: replicas(2) },
    ],
    end: 'b 2/2',
  },
];

function replicas(count: number): (simulation: Simulation) => void {
  return (simulation) => simulation.set({ replicas: count });
}

function paused(isPaused: boolean): (simulation: Simulation) => void {
  return (simulation) => simulation.set({ isPaused });
}

for (const { title, conditions = {}, sets, changes = [], end } of scenarios) {
  test(`rolls as planned: ${title}`, async (t) => {
    const simulation = new Simulation(conditions, sets);
    for (const { after, what, happens } of changes) {
      simulation.rounds(after);
      simulation.log.push(`# ${what}`);
      happens(simulation);
    }
    simulation.rounds();
    const file = `testdata/${title.replaceAll(/[^a-z]+/g, '-')}.yaml`;
    await matchesGolden(t, new URL(file, import.meta.url), simulation.log);
    t.is(simulation.state, end);
    t.deepEqual(simulation.broken, []);
  });

  test(`keeps its promises in any order: ${title}`, (t) => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = seeded(seed);
      const simulation = new Simulation(conditions, sets);
      for (const { after, happens } of changes) {
        simulation.randomly(random, Math.floor(random() * 60));
        if (after === undefined) simulation.rounds();
        happens(simulation);
      }
      simulation.randomly(random, 200);
      simulation.rounds();
      t.is(simulation.state, end, `seed ${seed}`);
      t.deepEqual(simulation.broken, [], `seed ${seed}`);
    }
  });
}

test('keeps its promises while templates come and go faster than Machines', (t) => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = seeded(seed);
    const conditions = { replicas: 6, maxSurge: 2, maxUnavailable: 2 };
    const simulation = new Simulation(conditions, [{ replicas: 6 }, {}]);
    for (let change = 0; change < 10; change++) {
      simulation.randomly(random, Math.floor(random() * 15));
      if (random() < 0.3) simulation.add();
      else simulation.rollBack(random() < 0.5 ? 'a' : 'b');
    }
    simulation.rounds(100);
    t.regex(simulation.state, /^\w 6\/6$/, `seed ${seed}`);
    t.deepEqual(simulation.broken, [], `seed ${seed}`);
  }
});

test('is readable in random order too', async (t) => {
  const conditions = { replicas: 6, maxSurge: 2, maxUnavailable: 1 };
  const simulation = new Simulation(conditions, [{ replicas: 6 }, {}]);
  simulation.randomly(seeded(1), 200);
  simulation.rounds();
  await matchesGolden(t, new URL('testdata/random-order.yaml', import.meta.url), simulation.log);
});

test('waits for every set to tell what it made of the last plan', (t) => {
  const set = { name: 'a', desired: 3, current: 3, available: 3, isObserved: true };
  const rollout: Rollout = {
    strategy: 'RollingUpdate',
    isPaused: false,
    replicas: 3,
    maxSurge: 1,
    maxUnavailable: 0,
    newSet: { name: 'b', desired: 0, current: 0, available: 0, isObserved: true },
    oldSets: [set],
  };
  t.is(planScalings(rollout).length, 1);
  t.deepEqual(planScalings({ ...rollout, oldSets: [{ ...set, isObserved: false }] }), []);
});
