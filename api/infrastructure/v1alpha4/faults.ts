/** How a KubemarkMachine's node misbehaves: the fields of the fault model stand here. */
import { choice } from './fields.ts';

export const faultFields = {
  faultInjector: choice(
    'a fault injector',
    ['KubemarkFlags'],
    "Who makes the node fail: KubemarkFlags leaves it to the image's own kubemark. Default KubemarkFlags.",
  ),
};
