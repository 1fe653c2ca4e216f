import { parseAddress } from '#runtime/address.ts';
import {
  booleanFlag,
  durationFlag,
  integerFlag,
  listFlag,
  stringFlag,
  type FlagValues,
  type Program,
} from '#runtime/flags.ts';

const flags = {
  apply: listFlag({
    default: [],
    help: 'A `file` of objects, or a folder of them, to apply before anything runs; may be given several times',
  }),
  for: durationFlag({
    default: 0,
    help: 'End after this long; 0: when interrupted',
  }),
  report: stringFlag({
    default: '',
    help: 'At the end, write what was observed as JSON to this `file`; -: to standard output',
  }),
  kubeconfig: stringFlag({
    default: '',
    help: 'Where to write the kubeconfig; empty: a temporary `file`',
  }),
  port: integerFlag({
    default: 0,
    min: 0,
    max: 65_535,
    help: 'The port of the API server; 0: any free one',
  }),
  manager: booleanFlag({
    default: true,
    help: 'Run the manager in this process; =false: bring your own',
  }),
  timeline: stringFlag({
    default: '',
    help: 'Show who was in which state when as a page at this `address`, e.g. "127.0.0.1:0"; empty: nowhere',
    check: parseAddress,
  }),
  v: integerFlag({
    default: 0,
    min: 0,
    max: 10,
    short: 'v',
    help: 'Log to standard error: 1 and above what the parts do, 4 and above everything',
  }),
};

export const program: Program<typeof flags> = {
  name: 'local',
  description:
    'A cluster in one process, with the controller and hollow nodes, to try and to test.',
  flags,
};

export type LocalOptions = FlagValues<typeof flags>;
