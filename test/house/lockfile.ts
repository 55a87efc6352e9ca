interface Package {
  version?: string;
  integrity?: string;
  hasInstallScript?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  dev?: boolean;
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
}

export interface Lockfile {
  packages: Record<string, Package>;
}

const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const processors = ["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64"];

/** Builds for other machines (`core-darwin-arm64`) that a package offers and the lock file does not name. */
export function missingBuilds(lockfile: Lockfile): { name: string; version: string; dev: boolean }[] {
  return Object.values(lockfile.packages).flatMap(({ optionalDependencies = {}, dev = false }) =>
    Object.entries(optionalDependencies)
      .filter(([name, version]) => /^\d/.test(version) && !(`node_modules/${name}` in lockfile.packages))
      .filter(([name]) => machineOf(name) !== undefined)
      .map(([name, version]) => ({ name, version, dev })),
  );
}

/** The lock file with an entry for each of them: without, `npm ci` works only where a registry happens to lack them. */
export function withAllBuilds(lockfile: Lockfile): Lockfile {
  const added = missingBuilds(lockfile).map(({ name, version, dev }): [string, Package] => [
    `node_modules/${name}`,
    { version, ...machineOf(name), ...(dev ? { dev } : {}), optional: true },
  ]);
  const all = [...Object.entries(lockfile.packages), ...added];
  return { ...lockfile, packages: Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function machineOf(name: string): Pick<Package, "os" | "cpu" | "libc"> | undefined {
  const words = name.split(/[-/]/);
  const os = words.find((word) => systems.includes(word));
  const cpu = words.find((word) => processors.includes(word));
  if (!os || !cpu) return undefined;
  const libc = words.some((word) => word.startsWith("musl")) ? "musl" : words.includes("gnu") ? "glibc" : undefined;
  return { os: [os], cpu: [cpu], ...(libc ? { libc: [libc] } : {}) };
}
