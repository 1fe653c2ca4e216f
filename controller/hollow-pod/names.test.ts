import test from 'ava';
import { hollowNodeName, providerIDFor } from './names.ts';

const uid = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

test('the name is readable and always the same', (t) => {
  t.regex(hollowNodeName({ name: 'worker', uid }), /^worker-[0-9a-f]{8}$/);
  t.is(hollowNodeName({ name: 'worker', uid }), hollowNodeName({ name: 'worker', uid }));
});

test('two machines of one name have two names', (t) => {
  const other = '7ba7b810-9dad-11d1-80b4-00c04fd430c8';
  t.not(hollowNodeName({ name: 'worker', uid }), hollowNodeName({ name: 'worker', uid: other }));
});

for (const [title, name] of Object.entries({
  'one letter': 'a',
  'one digit': '0',
  dots: 'a.b.c',
  '253 characters': 'a'.repeat(253),
  'a dot at the cut': `${'a'.repeat(53)}.${'b'.repeat(199)}`,
  'dashes at the cut': `${'a'.repeat(50)}----${'b'.repeat(199)}`,
  'nothing but labels of one letter': Array.from({ length: 127 }, () => 'a').join('.'),
})) {
  test(`a DNS label comes out of a machine name with ${title}`, (t) => {
    t.regex(hollowNodeName({ name, uid }), dnsLabel);
  });
}

test('names that only differ after the cut stay apart by UID', (t) => {
  const long = 'a'.repeat(100);
  const one = hollowNodeName({ name: `${long}1`, uid: '1' });
  const two = hollowNodeName({ name: `${long}2`, uid: '2' });
  t.not(one, two);
});

test('the provider ID is what kubemark sets', (t) => {
  t.is(providerIDFor('worker-1'), 'kubemark://worker-1');
});
