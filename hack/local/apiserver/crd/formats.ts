import { isIPv4, isIPv6 } from 'node:net';

const patterns: Record<string, RegExp> = {
  'date-time': /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  uuid: /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i,
  byte: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  hostname:
    /^(?=.{1,253}$)[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?)*\.?$/,
  email: /^[^\s@]+@[^\s@]+$/,
  // Go durations, and the words that go-openapi also takes (`3 days`).
  duration:
    /^-?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*$|^\d+ *(nanoseconds?|microseconds?|milliseconds?|seconds?|sec|minutes?|min|hours?|hr|days?|d|weeks?|wk|w)$|^0$/,
};

/** Whether `value` has a format of OpenAPI; unknown formats are ignored, as on a real server. */
export function hasFormat(format: string, value: string): boolean {
  switch (format) {
    case 'ipv4':
      return isIPv4(value);
    case 'ipv6':
      return isIPv6(value);
    case 'uri':
      return URL.canParse(value);
    case 'date':
    case 'date-time':
      return patterns[format]?.test(value) === true && !Number.isNaN(Date.parse(value));
    default:
      return patterns[format]?.test(value) ?? true;
  }
}
