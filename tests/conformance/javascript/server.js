// Starts the program for the tests in this folder, and ends it with them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/**
 * Starts a server on a free port, whose trails deliver into the bucket `logs`, with more arguments
 * if there are; resolves to its endpoint, credentials and a way to stop it.
 */
export async function startServer(...more) {
  const place = await mkdtemp(join(tmpdir(), "strongroom-js-"));
  const ports = ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
  // Tests make more keys a second than AWS lets anybody make.
  const data = ["--data-dir", join(place, "data"), "--log", "warn", "--quotas", "off"];
  const buckets = join(place, "buckets");
  await mkdir(join(buckets, "logs"), { recursive: true });
  const trails = ["--trail-directory", buckets];
  const options = ["serve", ...ports, ...data, ...trails, ...more];
  const child = spawn(process.env.STRONGROOM_BINARY, options, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const variables = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [, name, value] = /^export (\w+)=(.*)$/.exec(line) ?? [];
    if (name) variables[name] = value;
    if (line.startsWith("strongroom is ready at ")) break;
  }
  return { variables, stop: () => stopServer(child, place) };
}

async function stopServer(child, place) {
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const [code] = await exited;
  await rm(place, { recursive: true });
  return code;
}
