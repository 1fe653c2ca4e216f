/** How a KubemarkMachine's node misbehaves. So far only by what its image can do by itself. */
import { choice } from './fields.ts';

export const faultFields = {
  faultInjector: choice(
    'a fault injector',
    ['KubemarkFlags'],
    'Who makes the node fail: KubemarkFlags leaves it to the image, which podTemplate.extraArgs tell how. Default, and the only one so far: KubemarkFlags.',
  ),
};
