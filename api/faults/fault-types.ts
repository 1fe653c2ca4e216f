/** What can go wrong. Apart from the schema, which takes memory that not everybody pays for (`checked.ts`). */
export const faultTypes = [
  'NotReady',
  'Unreachable',
  'Condition',
  'Crash',
  'NeverJoin',
  'LateJoin',
  'WrongProviderID',
  'SlowHeartbeat',
  'APILatency',
  'APIErrors',
] as const;

export type FaultType = (typeof faultTypes)[number];
