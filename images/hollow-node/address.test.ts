import test from 'ava';
import { nodeAddress } from './address.ts';

const common = { netmask: '255.255.255.0', mac: '00:00:00:00:00:00', cidr: null };
const loopback = { ...common, address: '127.0.0.1', family: 'IPv4' as const, internal: true };
const six = { ...common, address: 'fe80::1', family: 'IPv6' as const, internal: false, scopeid: 1 };
const four = { ...common, address: '192.0.2.7', family: 'IPv4' as const, internal: false };

test('a Pod tells its address', (t) => {
  t.is(nodeAddress({ POD_IP: '198.51.100.1' }, { eth0: [four] }), '198.51.100.1');
});

test('otherwise it is the first IPv4 address that others can reach', (t) => {
  t.is(nodeAddress({ POD_IP: '' }, { lo: [loopback], eth0: [six, four] }), '192.0.2.7');
});

test('a machine without a network still has a node', (t) => {
  t.is(nodeAddress({}, { lo: [loopback], eth0: undefined }), '127.0.0.1');
});
