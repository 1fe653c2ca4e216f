/** What Kubernetes takes as a name, as regular expressions (apimachinery, `util/validation`). */

/** Of a namespace: a DNS label. */
export const dnsLabel = String.raw`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`;

/** Of most objects: a DNS subdomain, at most 253 characters. */
export const dnsSubdomain = String.raw`^(?!.{254})[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`;

/** The key of a label or taint, and the name of a resource: `example.com/gpu`. */
export const qualifiedName = String.raw`^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`;

/** The value of a label or taint, which may be empty. */
export const labelValue = String.raw`^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$`;

/** What may be pulled is for a kubelet to judge. */
export const imageReference = String.raw`^[^\s]{1,512}$`;
