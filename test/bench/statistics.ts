/** The value below which a share of all lies (nearest rank), 0 < share ≤ 1; NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function maximum(values: readonly number[]): number {
  return percentile(values, 1);
}
