import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Where a proxy listens, where it finds the bot, and the folder for all that it needs. */
export interface Ground {
  readonly folder: string;
  readonly port: number;
  readonly bot: number;
}

/** A program that reads a block of docs/proxies.md. */
export interface Program {
  readonly name: string;
  readonly path: string;
  /** Writes its configuration, and gives the command that runs it in the foreground. */
  prepare(block: string, ground: Ground): readonly string[];
}

/** The block of that language, with the addresses of this test instead of those of the document. */
function adapted(block: string, { folder, port, bot }: Ground): string {
  return block
    .replaceAll("/etc/ssl", folder)
    .replaceAll("127.0.0.1:8080", `127.0.0.1:${bot}`)
    .replace("listen 443 ssl", `listen 127.0.0.1:${port} ssl`)
    .replace("bind :443", `bind 127.0.0.1:${port}`);
}

const programs: readonly Program[] = [
  {
    name: "nginx",
    path: "/usr/sbin/nginx",
    prepare(block, ground) {
      const { folder } = ground;
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
      const http = `access_log off; ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(" ")}`;
      const main = `daemon off; user root; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {}`;
      writeFileSync(path.join(folder, "nginx.conf"), `${main} http { ${http}\n${adapted(block, ground)}\n}`);
      return ["-p", folder, "-e", `${folder}/error.log`, "-c", `${folder}/nginx.conf`];
    },
  },
  {
    name: "haproxy",
    path: "/usr/sbin/haproxy",
    prepare(block, ground) {
      writeFileSync(path.join(ground.folder, "haproxy.cfg"), adapted(block, ground));
      return ["-db", "-f", `${ground.folder}/haproxy.cfg`];
    },
  },
  {
    name: "caddy",
    path: "/usr/bin/caddy",
    prepare(block, ground) {
      const { folder, port } = ground;
      const tls = `https://draw.example:${port} {\n  bind 127.0.0.1\n  tls ${folder}/draw.example.pem ${folder}/draw.example.key`;
      const site = adapted(block, ground).replace("draw.example {", tls);
      writeFileSync(path.join(folder, "Caddyfile"), `{\n  admin off\n  auto_https disable_redirects\n}\n${site}`);
      return ["run", "--adapter", "caddyfile", "--config", `${folder}/Caddyfile`];
    },
  },
];

export const installed = programs.filter((program) => existsSync(program.path));

/** The first block of that language in docs/proxies.md. */
function blockOf(language: string): string {
  const block = readFileSync("docs/proxies.md", "utf8").match(
    new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``),
  )?.[1];
  if (block === undefined) throw new Error(`docs/proxies.md has no block of ${language}`);
  return block;
}

/** A certificate for draw.example; HAProxy wants certificate and key in one file, and the others do not mind. */
export function makeCertificate(folder: string): void {
  const key = path.join(folder, "draw.example.key");
  const made = path.join(folder, "draw.example.pem");
  const subject = ["-subj", "/CN=draw.example", "-addext", "subjectAltName=DNS:draw.example"];
  const newKey = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync("openssl", [...newKey, "-keyout", key, "-out", made, ...subject], { stdio: "ignore" });
  writeFileSync(made, `${readFileSync(made, "utf8")}${readFileSync(key, "utf8")}`);
}

/** Runs until it is killed. */
export function run({ path: program, prepare, name }: Program, ground: Ground): ChildProcess {
  const env = {
    PATH: process.env.PATH,
    HOME: ground.folder,
    XDG_DATA_HOME: ground.folder,
    XDG_CONFIG_HOME: ground.folder,
  };
  return spawn(program, prepare(blockOf(name), ground), { env, stdio: "ignore" });
}
