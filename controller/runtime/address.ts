export interface ListenAddress {
  /** Absent: all interfaces. */
  host?: string;
  /** 0: any free port. */
  port: number;
}

/**
 * Reads `:8081`, `127.0.0.1:8081` or `[::1]:8081`; `0` or an empty text is no address: do not listen.
 *
 * @throws Error that names what was found
 */
export function parseAddress(text: string): ListenAddress | undefined {
  if (text === '0' || text === '') return undefined;
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new Error(`"${text}" is not an address to listen on (want e.g. ":8081")`);
  }
  return { ...(host && { host }), port };
}
