import * as models from "@aws-sdk/client-lex-models-v2";
import {
  LexRuntimeV2Client,
  LexRuntimeV2ServiceException,
  RecognizeTextCommand,
} from "@aws-sdk/client-lex-runtime-v2";
import { type LocalLex, type LocalLexOptions, startLocalLex } from "../../../local/lex/server";
import { type Archive, writeArchive } from "../../../scripts/lex/archive";
import { libraryBot } from "./library-bot";
import { ManualClock } from "./manual-clock";

/** A local Lex with AWS's own clients, which ask once and never again, and a clock that the test moves. */
export class LexFixture {
  static readonly botId = "BIBLIOTECA";
  /** The DRAFT locale, as most calls name it. Frozen, because AWS's paginators write into their input. */
  static readonly locale = Object.freeze({ botId: LexFixture.botId, botVersion: "DRAFT", localeId: "es_ES" });

  private constructor(
    readonly lex: LocalLex,
    readonly clock: ManualClock,
    readonly client: models.LexModelsV2Client,
    readonly runtime: LexRuntimeV2Client,
  ) {}

  static async open(options: Partial<LocalLexOptions> = {}): Promise<LexFixture> {
    const clock = new ManualClock();
    const delays = {
      export: 10,
      import: 10,
      build: 10,
      recognize: 0,
      version: 10,
      alias: 10,
      propagation: 0,
      ...options.delays,
    };
    const lex = await startLocalLex({ bots: [libraryBot()], clock, ...options, delays });
    const config = {
      endpoint: lex.url,
      region: "us-east-1",
      credentials: { accessKeyId: "x", secretAccessKey: "x" },
      maxAttempts: 1,
    };
    return new LexFixture(lex, clock, new models.LexModelsV2Client(config), new LexRuntimeV2Client(config));
  }

  async close(): Promise<void> {
    this.client.destroy();
    this.runtime.destroy();
    await this.lex.close();
  }

  describeLocale({ botVersion = "DRAFT" } = {}) {
    return this.client.send(new models.DescribeBotLocaleCommand({ ...LexFixture.locale, botVersion }));
  }

  /** Makes a version of locales and their source versions, lets that end, and gives its number. */
  async version(sources: Readonly<Record<string, string>>): Promise<string> {
    const { botVersion = "" } = await this.client.send(
      new models.CreateBotVersionCommand({
        botId: LexFixture.botId,
        botVersionLocaleSpecification: Object.fromEntries(
          Object.entries(sources).map(([localeId, sourceBotVersion]) => [localeId, { sourceBotVersion }]),
        ),
      }),
    );
    this.clock.advance(10);
    return botVersion;
  }

  /** Makes an alias, lets that end, and gives its identifier. */
  async alias(settings: Omit<models.CreateBotAliasCommandInput, "botId">): Promise<string> {
    const { botAliasId = "" } = await this.client.send(
      new models.CreateBotAliasCommand({ botId: LexFixture.botId, ...settings }),
    );
    this.clock.advance(10);
    return botAliasId;
  }

  /** Asks for an export of the locale and lets it end. */
  async export(): Promise<models.DescribeExportResponse> {
    const { exportId } = await this.client.send(
      new models.CreateExportCommand({
        fileFormat: "LexJson",
        resourceSpecification: { botLocaleExportSpecification: LexFixture.locale },
      }),
    );
    this.clock.advance(10);
    return this.client.send(new models.DescribeExportCommand({ exportId }));
  }

  async download(): Promise<Buffer> {
    const { downloadUrl = "" } = await this.export();
    const response = await fetch(downloadUrl);
    return Buffer.from(await response.arrayBuffer());
  }

  uploadUrl(): Promise<models.CreateUploadUrlResponse> {
    return this.client.send(new models.CreateUploadUrlCommand({}));
  }

  startImport(
    importId: string | undefined,
    mergeStrategy: models.MergeStrategy = "Overwrite",
    localeId = "es_ES",
  ) {
    return this.client.send(
      new models.StartImportCommand({
        importId,
        mergeStrategy,
        resourceSpecification: { botLocaleImportSpecification: { ...LexFixture.locale, localeId } },
      }),
    );
  }

  /** Uploads an archive, imports it and lets the import end. */
  async import(
    archive: Archive,
    mergeStrategy: models.MergeStrategy = "Overwrite",
    localeId = "es_ES",
  ): Promise<models.DescribeImportResponse> {
    const { importId, uploadUrl = "" } = await this.uploadUrl();
    await put(uploadUrl, new Uint8Array(writeArchive(archive)));
    await this.startImport(importId, mergeStrategy, localeId);
    this.clock.advance(10);
    return this.client.send(new models.DescribeImportCommand({ importId }));
  }

  /** Builds the locale and lets the build end. */
  async build(): Promise<models.DescribeBotLocaleResponse> {
    await this.startBuild();
    this.clock.advance(10);
    return this.describeLocale();
  }

  startBuild() {
    return this.client.send(new models.BuildBotLocaleCommand(LexFixture.locale));
  }

  ask(text: string, { activeContexts = [] as readonly string[], botAliasId = "TSTALIASID" } = {}) {
    return this.runtime.send(
      new RecognizeTextCommand({
        botId: LexFixture.botId,
        botAliasId,
        localeId: "es_ES",
        sessionId: "a-session",
        text,
        sessionState: {
          activeContexts: activeContexts.map((name) => ({
            name,
            timeToLive: { timeToLiveInSeconds: 60, turnsToLive: 1 },
            contextAttributes: {},
          })),
        },
      }),
    );
  }
}

/** The status of a PUT to an upload URL, and S3's code for it where it was refused. */
export async function put(
  url: string,
  body: BodyInit,
  headers: Record<string, string> = {},
): Promise<string> {
  const response = await fetch(url, { method: "PUT", body, headers });
  return `${response.status} ${/<Code>(.*)<\/Code>/.exec(await response.text())?.[1] ?? ""}`.trim();
}

/** "<status> <name>: <message>" of the error that a call ends in, as the AWS SDK understood it. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (
      error instanceof models.LexModelsV2ServiceException ||
      error instanceof LexRuntimeV2ServiceException
    ) {
      return `${error.$metadata.httpStatusCode ?? ""} ${error.name}: ${error.message}`;
    }
    throw error;
  }
  return "no refusal";
}
