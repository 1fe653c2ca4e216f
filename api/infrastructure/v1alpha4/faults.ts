/** How a KubemarkMachine's node misbehaves. */
import { Type } from 'typebox';
import { faultSchema } from '../../faults/fault.ts';
import { field } from '../../schema/field.ts';
import { choice } from '../../schema/fields.ts';

export const faultFields = {
  faults: Type.Optional(
    field(Type.Array(faultSchema), {
      what: 'a list of faults',
      want: 'e.g. [{"type": "NotReady", "after": "40s", "duration": "5s", "period": "45s"}]',
      description: 'What goes wrong with the node and when.',
    }),
  ),
  faultInjector: choice(
    'a fault injector',
    ['KubemarkFlags', 'Proxy'],
    'Who makes the node fail: KubemarkFlags leaves it to the image, Proxy to a proxy before an unmodified kubemark. Default Proxy for a kubemark with faults, else KubemarkFlags.',
  ),
};

/** What the node is made to suffer on demand (`api/faults/injection.ts`). */
export const injectedFaultSchema = Type.Object(
  {
    asked: Type.String({ description: 'What the annotation said.' }),
    since: Type.Optional(Type.String({ description: 'From when its times are counted.' })),
    until: Type.Optional(Type.String({ description: 'When it is over. Absent: not by itself.' })),
    error: Type.Optional(Type.String({ description: 'Why it is not injected.' })),
  },
  { description: 'What the node is made to suffer on demand.' },
);
