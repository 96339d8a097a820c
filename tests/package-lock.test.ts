import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { z } from "zod";
import packageJson from "../package.json";

const text = readFileSync(join(__dirname, "../package-lock.json"), "utf8");
const lock = z.object({ packages: z.record(z.string(), z.unknown()) }).parse(JSON.parse(text));

describe("package-lock.json", () => {
  it("says of this package what package.json says, so that npm install leaves it as it is", () => {
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

  it("names no registry, so that npm ci asks the one that is set", () => {
    expect(text).not.to.include('"resolved"');
  });
});
