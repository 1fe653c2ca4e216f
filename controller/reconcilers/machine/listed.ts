const mostListed = 3;

/** `a, b, c and 2 more` */
export function listed(names: readonly string[]): string {
  const first = names.toSorted().slice(0, mostListed).join(', ');
  const more = names.length - mostListed;
  return more > 0 ? `${first} and ${more} more` : first;
}

export const podCount = (count: number): string => `${count} ${count === 1 ? 'Pod' : 'Pods'}`;
