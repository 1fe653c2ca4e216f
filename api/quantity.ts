/** Kubernetes quantities (`500m`, `10Gi`, `1e3`), with the rules of apimachinery's `resource.Quantity`. */
import { quote } from './quote.ts';

const binaryUnits = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

const quantity =
  /^(?<sign>[+-]?)(?:(?<whole>\d+)(?:\.(?<fraction>\d*))?|\.(?<bare>\d+))(?:(?<unit>[KMGTPE]i|[numkMGTPE])|[eE](?<exponent>[+-]?\d{1,3}))?$/;

/** The finest amount a quantity can hold is one billionth. */
const finest = 9;
const billion = 10n ** 9n;

/** Far more digits than any amount needs; arithmetic on longer ones would take long. */
const longestText = 64;

/**
 * The whole amount (bytes, devices, …), a fraction rounded away from zero: as the scheduler counts.
 *
 * @throws Error naming what was found and what is expected.
 */
export function parseQuantity(text: string): bigint {
  return divideAwayFromZero(parseBillionths(text), billion);
}

/**
 * The amount as a number, for arithmetic on shares of a core: `500m` is 0.5.
 *
 * @throws Error as `parseQuantity`.
 */
export function quantityValue(text: string): number {
  return Number(parseBillionths(text)) / 1e9;
}

/** Bytes in the canonical binary form: the largest unit that needs no fraction (`10Gi`, `3840Mi`). */
export function formatBytes(bytes: bigint | number): string {
  let amount = BigInt(bytes);
  let unit = 0;
  while (amount !== 0n && amount % 1024n === 0n && unit < binaryUnits.length - 1) {
    amount /= 1024n;
    unit += 1;
  }
  return `${amount}${binaryUnits[unit]}`;
}

function parseBillionths(text: string): bigint {
  const match = text.length <= longestText ? quantity.exec(text)?.groups : undefined;
  if (match === undefined) {
    throw new Error(`${quote(text)} is not a quantity (want e.g. "2", "500m", "10Gi")`);
  }
  const { sign, whole = '', fraction = match['bare'] ?? '', unit = '', exponent } = match;
  const digits = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`);
  const binary = unit.endsWith('i') ? 1024n ** BigInt(binaryUnits.indexOf(unit)) : 1n;
  const power = Number(exponent ?? decimalExponents[unit] ?? 0) + finest - fraction.length;
  return power >= 0
    ? digits * binary * 10n ** BigInt(power)
    : divideAwayFromZero(digits * binary, 10n ** BigInt(-power));
}

function divideAwayFromZero(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  if (dividend % divisor === 0n) return quotient;
  return dividend < 0n ? quotient - 1n : quotient + 1n;
}
