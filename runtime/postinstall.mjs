// After `npm ci` a checkout can be deployed. CI skips this: a job that only tests does not need the runtime,
// and a job that deploys calls `npm run runtime`. A failure does not stop the install, because the project
// runs without it too.
import { spawnSync } from "node:child_process";
import process from "node:process";

if (!process.env.CI) {
  const { status } = spawnSync("npm install --prefix runtime", { shell: true, stdio: "inherit" });
  if (status !== 0) {
    process.stderr.write("Before you deploy, fetch the Node.js runtime with: npm run runtime\n");
  }
}
