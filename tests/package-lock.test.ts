import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { z } from "zod";
import packageJson from "../package.json";

const text = readFileSync(join(__dirname, "../package-lock.json"), "utf8");
const lock = z.object({ packages: z.record(z.string(), z.unknown()) }).parse(JSON.parse(text));

describe("package-lock.json", () => {
  it("agrees with package.json about this package, so that npm install does not change it", () => {
    const { name, version, license, dependencies, devDependencies, engines, scripts } = packageJson;
    expect(scripts).to.include.keys("postinstall");
    expect(lock.packages[""]).to.deep.equal({
      name,
      version,
      hasInstallScript: true,
      license,
      dependencies,
      devDependencies,
      engines,
    });
  });

  it("does not name a registry, so that npm ci uses the configured one", () => {
    expect(text).not.to.include('"resolved"');
  });
});
