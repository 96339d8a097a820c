import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { z } from "zod";
import { type LocalLex, startLocalLex } from "../../../local/lex/server";
import { readArchive, writeArchive } from "../../../scripts/lex/archive";
import { LexFixture, put } from "./lex-fixture";
import { intent, libraryBot, localeExport, utterances } from "./library-bot";

const environment = {
  ...process.env,
  AWS_ACCESS_KEY_ID: "x",
  AWS_SECRET_ACCESS_KEY: "x",
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_PAGER: "",
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
};

describe("the local Lex under the AWS CLI", function () {
  // A call of the CLI takes a second or two, and its waiters look every ten.
  this.timeout(180_000);
  let lex: LocalLex;
  let folder = "";

  before(async function () {
    if (spawnSync("aws", ["--version"], { env: environment }).status !== 0) {
      if (process.env["CI"] === "true") {
        throw new Error("The AWS CLI is needed to test against, and is not installed.");
      }
      console.warn("NOT TESTED: the local Lex under the AWS CLI, because there is no `aws` on this machine.");
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), "aws-cli-"));
    lex = await startLocalLex({ bots: [libraryBot()], delays: { export: 0, import: 0, build: 0 } });
  });
  after(async () => {
    if (!folder) {
      return;
    }
    await lex.close();
    rmSync(folder, { recursive: true });
  });

  it("is exported, imported, built and asked with nothing but an endpoint given", async () => {
    const specification = JSON.stringify({ botLocaleExportSpecification: LexFixture.locale });
    const { exportId } = await aws(
      z.object({ exportId: z.string() }),
      ...[
        "lexv2-models",
        "create-export",
        "--file-format",
        "LexJson",
        "--resource-specification",
        specification,
      ],
    );
    await run("lexv2-models", "wait", "bot-export-completed", "--export-id", exportId);
    const { downloadUrl } = await aws(
      z.object({ downloadUrl: z.string() }),
      ...["lexv2-models", "describe-export", "--export-id", exportId],
    );
    const zip = Buffer.from(await (await fetch(downloadUrl)).arrayBuffer());
    writeFileSync(join(folder, "export.zip"), zip);
    const exported = readArchive(readFileSync(join(folder, "export.zip")), "the export");
    expect(exported).to.deep.equal(localeExport());

    const horario = "Biblioteca/BotLocales/es_ES/Intents/Horario/Intent.json";
    const changed = localeExport(undefined, {
      [horario]: intent("Horario", { sampleUtterances: utterances("hasta cuándo estáis abiertos") }),
    });
    const { importId, uploadUrl } = await aws(
      z.object({ importId: z.string(), uploadUrl: z.string() }),
      ...["lexv2-models", "create-upload-url"],
    );
    expect(await put(uploadUrl, new Uint8Array(writeArchive(changed)))).to.equal("200");
    const into = JSON.stringify({ botLocaleImportSpecification: LexFixture.locale });
    await run(
      ...["lexv2-models", "start-import", "--import-id", importId],
      ...["--merge-strategy", "Overwrite", "--resource-specification", into],
    );
    await run("lexv2-models", "wait", "bot-import-completed", "--import-id", importId);
    const locale = ["--bot-id", LexFixture.botId, "--bot-version", "DRAFT", "--locale-id", "es_ES"];
    await run("lexv2-models", "build-bot-locale", ...locale);
    await run("lexv2-models", "wait", "bot-locale-built", ...locale);
    expect(lex.localeZip(LexFixture.botId, "es_ES")).to.deep.equal(writeArchive(changed));

    const answer = await aws(
      z.object({ interpretations: z.array(z.object({ intent: z.object({ name: z.string() }) })) }),
      ...["lexv2-runtime", "recognize-text", "--bot-id", LexFixture.botId, "--bot-alias-id", "TSTALIASID"],
      ...["--locale-id", "es_ES", "--session-id", "s1", "--text", "¿hasta cuándo estáis abiertos?"],
    );
    expect(answer.interpretations[0]?.intent.name).to.equal("Horario");
  });

  it("is refused in the words of the API", async () => {
    const call = run("lexv2-models", "describe-bot", "--bot-id", "AAAAAAAAAA");
    const error: unknown = await call.catch((reason: unknown) => reason);
    expect(error)
      .to.have.property("stderr")
      .that.includes(
        "An error occurred (ResourceNotFoundException) when calling the DescribeBot operation: The bot AAAAAAAAAA does not exist.",
      );
  });

  async function aws<T>(schema: z.ZodType<T>, ...args: string[]): Promise<T> {
    return schema.parse(JSON.parse(await run(...args)));
  }

  async function run(...args: string[]): Promise<string> {
    const output = ["--endpoint-url", lex.url, "--output", "json"];
    const { stdout } = await promisify(execFile)("aws", [...args, ...output], { env: environment });
    return stdout;
  }
});
