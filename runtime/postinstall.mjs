// `npm ci` alone leaves a checkout that can be deployed. A CI job that only tests needs no runtime, and one that deploys asks for it by
// `npm run runtime`. Without a network the project still runs on this machine, so nothing here makes the install fail.
import { spawnSync } from "node:child_process";
import process from "node:process";

if (!process.env.CI) {
  const { status } = spawnSync("npm install --prefix runtime", { shell: true, stdio: "inherit" });
  if (status !== 0) {
    process.stderr.write("Before you deploy, fetch the Node.js runtime with: npm run runtime\n");
  }
}
