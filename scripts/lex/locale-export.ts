import {
  CreateExportCommand,
  DescribeExportCommand,
  type LexModelsV2Client,
} from "@aws-sdk/client-lex-models-v2";
import { UserError } from "../messages/user-error";
import { settlingTime } from "../stage/waiting";
import { callLex, poll } from "./calls";
import { transferred } from "./transfers";

export interface LocaleOfVersion {
  readonly botId: string;
  /** A number or "DRAFT". */
  readonly botVersion: string;
  readonly localeId: string;
}

/**
 * The ZIP of one locale of a bot's version. Asking twice does no harm: it only makes another export.
 *
 * @throws UserError that says what Lex refused
 */
export async function exportOf(lex: LexModelsV2Client, locale: LocaleOfVersion): Promise<Buffer> {
  const { exportId } = await callLex("start the export", (options) =>
    lex.send(
      new CreateExportCommand({
        resourceSpecification: { botLocaleExportSpecification: { ...locale } },
        fileFormat: "LexJson",
      }),
      options,
    ),
  );
  const url = await poll("the export to end", settlingTime, async () => {
    const described = await callLex("follow the export", (options) =>
      lex.send(new DescribeExportCommand({ exportId }), options),
    );
    if (described.exportStatus === "Failed") {
      throw new UserError("Lex could not export the locale.", {
        details: reasons(described.failureReasons),
      });
    }
    return described.exportStatus === "Completed" ? described.downloadUrl : undefined;
  });
  const { status, body } = await transferred("download the export", url);
  if (status !== 200) {
    throw new UserError(`The export could not be downloaded: its URL answered ${status}. Start again.`);
  }
  return body;
}

export function reasons(failureReasons: readonly string[] | undefined): string {
  return failureReasons?.length ? failureReasons.join(" ") : "Lex gives no reason.";
}
