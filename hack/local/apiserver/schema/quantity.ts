/** The canonical form in which an API server gives quantities back (apimachinery's resource.Quantity). */

const decimalUnits = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const binaryUnits = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

const quantity =
  /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d{1,3}))?$/;

/** Most that are ever written need no work. */
const canonical = /^[1-9]\d{0,2}(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;

const billion = 10n ** 9n;

/**
 * No fraction, the largest unit that allows that: `0.5` → `500m`, `1024Mi` → `1Gi`. `undefined`
 * when the text is no quantity.
 */
export function canonicalQuantity(text: string): string | undefined {
  if (canonical.test(text)) return text;
  const match = quantity.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = match[4] ?? '', , binary, decimal = '', exponent] =
    match;
  const digits = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`);
  const factor = binary === undefined ? 1n : 1024n ** BigInt(binaryUnits.indexOf(binary));
  const power = Number(exponent ?? 3 * (decimalUnits.indexOf(decimal) - 3)) - fraction.length + 9;
  const billionths =
    power >= 0
      ? digits * factor * 10n ** BigInt(power)
      : roundUp(digits * factor, 10n ** BigInt(-power));
  // Small amounts are written in the decimal system, whatever they came in.
  const isSmall = billionths > -1024n * billion && billionths < 1024n * billion;
  if (binary !== undefined && !isSmall) return formatBinary(roundUp(billionths, billion));
  return formatDecimal(billionths, exponent !== undefined);
}

function formatBinary(amount: bigint): string {
  let [rest, unit] = [amount, 0];
  while (rest % 1024n === 0n && unit < binaryUnits.length - 1) {
    rest /= 1024n;
    unit++;
  }
  return `${rest}${binaryUnits[unit]}`;
}

function formatDecimal(billionths: bigint, asExponent: boolean): string {
  if (billionths === 0n) return '0';
  let [rest, unit] = [billionths, 0];
  while (rest % 1000n === 0n && unit < decimalUnits.length - 1) {
    rest /= 1000n;
    unit++;
  }
  const exponent = 3 * (unit - 3);
  if (asExponent) return exponent === 0 ? String(rest) : `${rest}e${exponent}`;
  return `${rest}${decimalUnits[unit]}`;
}

/** Away from zero: an amount is never given back smaller than it was asked for. */
function roundUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  if (dividend % divisor === 0n) return quotient;
  return dividend < 0n ? quotient - 1n : quotient + 1n;
}
