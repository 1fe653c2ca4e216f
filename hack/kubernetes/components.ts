import type { ControlPlaneProgram } from './binaries/programs.ts';

/** All a control plane listens on. */
export interface Ports {
  apiServer: number;
  etcdClient: number;
  etcdPeer: number;
}

/** The files of a control plane, all in its own folder. */
export interface Files {
  etcdData: string;
  /** Where the API server writes the certificate that it signs for itself. */
  certificates: string;
  /** That certificate, with who signed it. */
  authority: string;
  /** Signs client certificates. */
  clientAuthority: string;
  clientAuthorityKey: string;
  /** Signs and checks the tokens of service accounts. */
  serviceAccountKey: string;
  /** Static tokens: CSV of token, user, uid, groups. */
  tokens: string;
  /** Kubeconfigs by user. */
  controllerManagerKubeconfig: string;
  schedulerKubeconfig: string;
}

/** Where a control plane without a node is to be reached, and etcd always. */
export const loopback = '127.0.0.1';

export interface ComponentOptions {
  /** Where the API server listens: loopback, or an address that Pods of a real node reach. */
  address: string;
  ports: Ports;
  files: Files;
  isFull: boolean;
  version: Version;
  more?: MoreArguments;
}

/** Arguments that follow the usual ones: of a flag that is given twice, the last one counts. */
export type MoreArguments = Readonly<Partial<Record<ControlPlaneProgram, readonly string[]>>>;

export interface Version {
  major: number;
  minor: number;
}

/** The version in `Kubernetes v1.20.2`, as the programs print it. */
export function parseVersion(text: string): Version {
  const found = /v(?<major>\d+)\.(?<minor>\d+)\./.exec(text)?.groups;
  if (found === undefined)
    throw new Error(`${JSON.stringify(text)} names no version of Kubernetes`);
  return { major: Number(found['major']), minor: Number(found['minor']) };
}

type Arguments = (options: ComponentOptions) => string[];

/** The command line of a program. */
export function argumentsOf(program: ControlPlaneProgram, options: ComponentOptions): string[] {
  return [...argumentsByProgram[program](options), ...(options.more?.[program] ?? [])];
}

function etcdArguments({ ports, files }: ComponentOptions): string[] {
  const client = `http://${loopback}:${ports.etcdClient}`;
  const peer = `http://${loopback}:${ports.etcdPeer}`;
  return [
    `--data-dir=${files.etcdData}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync', // nothing here outlives the machine
    '--log-level=warn',
  ];
}

function apiServerArguments({ address, ports, files, isFull }: ComponentOptions): string[] {
  return [
    `--etcd-servers=http://${loopback}:${ports.etcdClient}`,
    `--bind-address=${address}`,
    `--advertise-address=${address}`, // also the name in its certificate
    `--secure-port=${ports.apiServer}`,
    `--cert-dir=${files.certificates}`,
    // It refuses to publish a loopback address.
    ...(address === loopback ? ['--endpoint-reconciler-type=none'] : []),
    '--kubelet-preferred-address-types=InternalIP', // nobody resolves the names of nodes
    '--service-cluster-ip-range=10.0.0.0/24',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.serviceAccountKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    `--token-auth-file=${files.tokens}`,
    `--client-ca-file=${files.clientAuthority}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction', // as kubeadm has it
    '--allow-privileged=true',
    // Without a controller manager nobody makes the service accounts that Pods would have to have.
    ...(isFull ? [] : ['--disable-admission-plugins=ServiceAccount']),
  ];
}

function controllerManagerArguments({ files, version }: ComponentOptions): string[] {
  return [
    `--kubeconfig=${files.controllerManagerKubeconfig}`,
    `--service-account-private-key-file=${files.serviceAccountKey}`,
    `--root-ca-file=${files.authority}`, // Pods shall know whom to trust
    `--cluster-signing-cert-file=${files.clientAuthority}`,
    `--cluster-signing-key-file=${files.clientAuthorityKey}`,
    '--leader-elect=false',
    ...listenNowhere(version),
  ];
}

function schedulerArguments({ files, version }: ComponentOptions): string[] {
  return [
    `--kubeconfig=${files.schedulerKubeconfig}`,
    '--leader-elect=false',
    ...listenNowhere(version),
  ];
}

const argumentsByProgram: Record<ControlPlaneProgram, Arguments> = {
  etcd: etcdArguments,
  'kube-apiserver': apiServerArguments,
  'kube-controller-manager': controllerManagerArguments,
  'kube-scheduler': schedulerArguments,
};

/** Nobody asks these for their metrics. Before 1.24 a second, insecure port has to be closed too. */
function listenNowhere({ minor }: Version): string[] {
  return ['--secure-port=0', ...(minor < 24 ? ['--port=0'] : [])];
}
