import test from 'ava';
import { PodAddresses } from './pod-addresses.ts';

test('100,000 addresses are all different, reserved and no broadcast', (t) => {
  const addresses = new PodAddresses('node-1');
  const seen = new Set(Array.from({ length: 100_000 }, () => addresses.allocate()));
  t.is(seen.size, 100_000);
  for (const address of seen) {
    const numbers = address.split('.').map(Number);
    t.true(numbers.length === 4 && numbers.every((number) => number >= 0 && number <= 255));
    t.true((numbers[0] ?? 0) >= 240 && (numbers[0] ?? 0) < 255, address);
  }
});

test('nodes in processes of their own begin at different places', (t) => {
  const seen = new Set<string>();
  for (let node = 0; node < 500; node++) {
    const addresses = new PodAddresses(`node-${node}`);
    for (let pod = 0; pod < 10; pod++) seen.add(addresses.allocate());
  }
  t.is(seen.size, 5000);
});

test('an address belongs to one Pod until it is released', (t) => {
  const addresses = new PodAddresses('node-1');
  const address = new PodAddresses('node-1').allocate();
  t.true(addresses.claim(address));
  t.false(addresses.claim(address));
  t.not(addresses.allocate(), address);
  addresses.release(address);
  t.true(addresses.claim(address));
});
