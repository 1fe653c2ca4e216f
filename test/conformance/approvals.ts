/** Requests for certificates, and who may have them. */
import { certificateRequest, newPrivateKey } from '#runtime/pki/client-certificate.ts';
import { conformance, outcome, uniqueName, type Api } from './suite.ts';

const collection = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const approval = { type: 'Approved', status: 'True', reason: 'Test', message: 'Why not' };

/** A request to a signer that there is not, as it is stored. */
async function request(api: Api): Promise<{ path: string; stored: Record<string, unknown> }> {
  const name = uniqueName('request');
  const subject = { commonName: 'somebody', organization: 'some people' };
  const text = certificateRequest(subject, newPrivateKey());
  const spec = {
    request: Buffer.from(text).toString('base64'),
    signerName: 'example.com/nobody',
    usages: ['client auth'],
  };
  const path = `${collection}/${name}`;
  api.cleanUp(() => api.delete(path));
  const { body } = await api.must(api.post(collection, { metadata: { name }, spec }));
  return { path, stored: body };
}

conformance(
  'an approval is a condition, and changes nothing that was asked for',
  async (t, api) => {
    const { path, stored } = await request(api);
    const changed = { ...stored, status: { conditions: [approval] } };
    await api.must(api.put(`${path}/approval`, changed), 200);
    const { body } = await api.get(path);
    t.like(body.status, { conditions: [approval] });
    t.deepEqual(body['spec'], stored['spec']);
  },
);

conformance('an approval of an older version is refused', async (t, api) => {
  const { path, stored } = await request(api);
  const changed = { ...stored, status: { conditions: [approval] } };
  await api.must(api.put(`${path}/approval`, changed), 200);
  t.is(outcome(await api.put(`${path}/approval`, changed)), '409 Conflict');
});
