import test from 'ava';
import { freeNetwork, nodeNetwork } from './network.ts';

test('two nodes have nothing in common', (t) => {
  const values = [nodeNetwork(0), nodeNetwork(1)].flatMap((network) => Object.values(network));
  t.is(new Set(values).size, values.length);
});

test('the first number that no interface has is free', (t) => {
  t.deepEqual(freeNetwork(['lo', 'eth0']), nodeNetwork(0));
  t.deepEqual(freeNetwork(['kubemark0', 'kubemark2']), nodeNetwork(1));
});

test('a machine that is full of nodes says how to get rid of them', (t) => {
  const taken = Array.from({ length: 64 }, (_, index) => `kubemark${index}`);
  t.throws(() => freeNetwork(taken), { message: /64 nodes already: .*stop --all/ });
});

test('names of interfaces fit', (t) => {
  t.true(nodeNetwork(63).device.length < 16);
});
