import { once } from "node:events";
import { mkdirSync, readdirSync, statSync, symlinkSync, watch } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { program } from "../../cli/retrain";
import { temporaryFolder, withSocket, writeFiles } from "../support/folder";
import { refusalOf } from "../support/refusal";
import { Command } from "./command";

const samples = resolve(__dirname, "..", "..", "samples");

describe("npm start", () => {
  const folder = temporaryFolder();
  const runs = () => folder("runs");
  beforeEach(() => {
    mkdirSync(runs());
  });
  const run = (...args: string[]) => new Command(["run", "--out", runs(), ...args]);

  it("ends with 0 when the retraining passes, and prints nothing but one object with --json", async () => {
    const { code, stdout } = await run("--json").ended;
    expect(code).to.equal(0);
    expect(stdout).to.match(/^.*\n$/);
    const [id = "", ...others] = readdirSync(runs());
    expect(others).to.deep.equal([]);
    const runFolder = join(runs(), id);
    expect(JSON.parse(stdout)).to.include({ executionId: id, status: "Succeeded", runFolder });
    expect(modesBelow(runFolder)).to.deep.equal(["600", "700"]);
  });

  it("ends with 1 when the retraining is refused, also when nobody reads what it prints", async () => {
    symlinkSync(join(samples, "es_ES", "golden.csv"), folder("golden"));
    const command = run("--poison", "--golden", folder("golden"));
    command.child.stdout.destroy();
    const { code, stderr } = await command.ended;
    expect({ code, stderr }).to.deep.equal({ code: 1, stderr: "" });
    expect(readdirSync(runs())).to.have.lengthOf(1);
  });

  const moments: readonly [string, (command: Command) => Promise<unknown>][] = [
    ["as soon as it starts", ({ child }) => once(child, "spawn")],
    ["while it makes ready", () => firstChangeOf(runs())],
    ["while a step runs", (command) => command.prints()],
  ];
  for (const [when, moment] of moments) {
    it(`ends with 130 on Ctrl+C ${when}, and leaves nothing but the run's folder`, async () => {
      const command = run();
      await moment(command);
      command.signal("SIGINT");
      const { code, stderr } = await command.ended;
      expect(code).to.equal(130);
      expect(stderr).to.match(/^(Stopped\. Your export of the bot is as it was\.\n)?$/);
      expect(readdirSync(runs()).filter((name) => name.startsWith("."))).to.deep.equal([]);
    });
  }

  it("ends with 143 on SIGTERM", async () => {
    const command = run();
    await firstChangeOf(runs());
    command.signal("SIGTERM");
    expect((await command.ended).code).to.equal(143);
    expect(readdirSync(runs())).to.deep.equal([]);
  });

  it("ends with 2 and a sentence when it is called wrongly", async () => {
    const { code, stdout, stderr } = await run("--input", folder("none")).ended;
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: "" });
    expect(stderr).to.equal(`${folder("none")} does not exist: name a CSV, or a folder of them.\n`);
  });

  const refused = (...args: string[]) => refusalOf(program.parseAsync(["run", ...args], { from: "user" }));

  it("does not judge somebody's bot by the sample's misses", async () => {
    const bot = join(samples, "en_US", "bot");
    expect(await refused("--bot", bot)).to.equal(
      "--bot needs --input: name the CSV of what this bot missed.",
    );
    const poison = "--poison goes with the sample bot and its own misses: leave out --bot and --input.";
    expect(await refused("--poison", "--bot", bot)).to.equal(poison);
    expect(await refused("--poison", "--input", join(samples, "es_ES", "misses.csv"))).to.equal(poison);
  });

  it("names a file that it cannot read, whichever option names it", async () => {
    const misses = join(samples, "es_ES", "misses.csv");
    writeFiles(folder("bot"), {});
    await withSocket(folder("socket"), async () => {
      expect(await refused("--input", folder("socket"))).to.equal(
        `${folder("socket")} is not a file: name a CSV, or a folder of them.`,
      );
      expect(await refused("--golden", folder("socket"))).to.equal(
        `${folder("socket")} is not a file: name the CSV of the golden set.`,
      );
      expect(await refused("--bot", folder("socket"), "--input", misses)).to.match(
        /socket is neither a file nor a folder: /,
      );
    });
  });
});

/** The modes of a folder and all that is in it, each once. */
function modesBelow(folder: string): string[] {
  const paths = [".", ...readdirSync(folder, { recursive: true, encoding: "utf8" })];
  const modes = paths.map((path) => (statSync(join(folder, path)).mode & 0o777).toString(8));
  return [...new Set(modes)].sort();
}

/** Until something is made in the folder. */
async function firstChangeOf(folder: string): Promise<void> {
  const watcher = watch(folder);
  await once(watcher, "change");
  watcher.close();
}
