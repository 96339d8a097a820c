import {
  CreateExportCommand,
  DescribeBotAliasCommand,
  DescribeExportCommand,
  type LexModelsV2Client,
} from "@aws-sdk/client-lex-models-v2";
import AdmZip from "adm-zip";
import { z } from "zod";
import { base, poison, World, type Row } from "./world";

/**
 * Judges by what the documents promise, and by nothing that `scripts/` knows: it reads the state of the local
 * Lex, and unpacks its exports by itself.
 */

/** How an execution ended, as its owner sees it. */
export interface Ended {
  readonly rows: readonly Row[];
  readonly status: "Succeeded" | "Failed" | "Stopped";
}

export interface Happened {
  readonly executions: readonly Ended[];
  /** What somebody else has added in the console. */
  readonly edits: readonly Row[];
}

/** A sentence for each promise that does not hold once the last execution has ended, which is a calm one. */
export async function violations(world: World, { executions, edits }: Happened): Promise<string[]> {
  const found: string[] = [];
  const draft = localeIn(world.lex.localeZip(World.botId, "es_ES"));
  const other = localeIn(world.lex.localeZip(World.botId, "en_US"));

  const last = executions.at(-1);
  if (last?.status !== "Succeeded") {
    found.push(`The calm execution at the end is ${last?.status ?? "missing"}.`);
  }
  for (const localeId of ["es_ES", "en_US"]) {
    const status = world.lex.localeStatus(World.botId, localeId);
    if (status !== "Built") {
      found.push(`${localeId} is ${status}.`);
    }
  }
  found.push(...missing("DRAFT", draft, [...rowsOf(base.es_ES), ...edits]));
  found.push(...missing("DRAFT of en_US", other, rowsOf(base.en_US)));
  found.push(
    ...unexpected("DRAFT", draft, [
      ...rowsOf(base.es_ES),
      ...edits,
      ...executions.flatMap(({ rows }) => rows),
    ]),
  );
  found.push(...unexpected("DRAFT of en_US", other, rowsOf(base.en_US)));
  if (
    draft.rest !== firstRest(world, "es_ES", draft.rest) ||
    other.rest !== firstRest(world, "en_US", other.rest)
  ) {
    found.push("Something else of the bot than sample utterances is not as it was.");
  }
  for (const execution of executions) {
    found.push(...judgedRows(execution, draft));
  }
  if (world.aliasId !== undefined) {
    found.push(...(await aliasViolations(world, draft, executions)));
  }
  const lease = z.object({ released: z.boolean() }).parse(world.ofBot("lease.json"));
  if (!lease.released) {
    found.push("The lease is still held.");
  }
  return found;
}

/** An execution that failed leaves nothing; one that was killed, nothing or all of what was kept. */
function judgedRows({ rows, status }: Ended, draft: ReadLocale): string[] {
  const there = rows.filter((row) => has(draft, row));
  const name = rows.map(({ utterance }) => utterance).join(", ");
  const isPoison = rows.some(({ utterance }) => utterance === poison.utterance);
  if (isPoison && there.length > 0) {
    return [`The bot keeps what makes it worse (${status}).`];
  }
  switch (status) {
    case "Succeeded":
      return there.length === rows.length ? [] : [`A run that succeeded did not add all of: ${name}.`];
    case "Failed":
      return there.length === 0 ? [] : [`A run that failed left in the bot: ${name}.`];
    case "Stopped":
      return there.length === 0 || there.length === rows.length
        ? []
        : [`A run that was killed left a part of: ${name}.`];
  }
}

async function aliasViolations(
  world: World,
  draft: ReadLocale,
  executions: readonly Ended[],
): Promise<string[]> {
  const { botVersion, botAliasStatus } = await world.models.send(
    new DescribeBotAliasCommand({ botId: World.botId, botAliasId: world.aliasId }),
  );
  const live = localeIn(await exported(world.models, botVersion ?? ""));
  const found = [
    ...(botAliasStatus === "Available" ? [] : [`The alias is ${botAliasStatus ?? "nothing"}.`]),
    ...missing("alias", live, rowsOf(base.es_ES)),
  ];
  for (const { rows, status } of executions) {
    const there = rows.filter((row) => has(live, row));
    const isKept = rows.length > 0 && rows.every((row) => has(draft, row));
    if (there.length > 0 && !isKept) {
      found.push(
        `The alias answers with what is not kept: ${there.map(({ utterance }) => utterance).join(", ")} (${status}).`,
      );
    }
    if (status === "Succeeded" && there.length < rows.length) {
      found.push("A run that succeeded is not published.");
    }
  }
  return found;
}

async function exported(models: LexModelsV2Client, botVersion: string): Promise<Buffer> {
  const botLocaleExportSpecification = { botId: World.botId, botVersion, localeId: "es_ES" };
  const { exportId } = await models.send(
    new CreateExportCommand({
      resourceSpecification: { botLocaleExportSpecification },
      fileFormat: "LexJson",
    }),
  );
  for (;;) {
    const { exportStatus, downloadUrl } = await models.send(new DescribeExportCommand({ exportId }));
    if (exportStatus === "Completed" && downloadUrl !== undefined) {
      return Buffer.from(await (await fetch(downloadUrl)).arrayBuffer());
    }
    await new Promise((done) => setTimeout(done, 5));
  }
}

interface ReadLocale {
  readonly utterances: ReadonlyMap<string, readonly string[]>;
  /** Everything but sample utterances, as one text. */
  readonly rest: string;
}

const intentFile = z.looseObject({
  name: z.string(),
  sampleUtterances: z.array(z.looseObject({ utterance: z.string() })).nullish(),
});

function localeIn(zip: Buffer): ReadLocale {
  const utterances = new Map<string, readonly string[]>();
  const rest: string[] = [];
  for (const entry of new AdmZip(zip).getEntries()) {
    const text = entry.getData().toString();
    if (entry.entryName.endsWith("/Intent.json")) {
      const { sampleUtterances, ...intent } = intentFile.parse(JSON.parse(text));
      utterances.set(
        intent.name,
        (sampleUtterances ?? []).map(({ utterance }) => utterance),
      );
      rest.push(`${entry.entryName} ${JSON.stringify(intent)}`);
    } else {
      rest.push(`${entry.entryName} ${text}`);
    }
  }
  return { utterances, rest: rest.sort().join("\n") };
}

const firstRests = new WeakMap<World, Map<string, string>>();

/** Remembers what a locale of a world is but for its utterances, before anything happens to it. */
export function rememberRest(world: World): void {
  firstRests.set(
    world,
    new Map(["es_ES", "en_US"].map((id) => [id, localeIn(world.lex.localeZip(World.botId, id)).rest])),
  );
}

function firstRest(world: World, localeId: string, now: string): string {
  return firstRests.get(world)?.get(localeId) ?? now;
}

function rowsOf(intents: Readonly<Record<string, readonly string[]>>): Row[] {
  return Object.entries(intents).flatMap(([intent, texts]) =>
    texts.map((utterance) => ({ intent, utterance })),
  );
}

function has({ utterances }: ReadLocale, { intent, utterance }: Row): boolean {
  return utterances.get(intent)?.includes(utterance) ?? false;
}

function missing(where: string, locale: ReadLocale, rows: readonly Row[]): string[] {
  return rows
    .filter((row) => !has(locale, row))
    .map(({ intent, utterance }) => `${where}: “${utterance}” of ${intent} is lost.`);
}

function unexpected(where: string, { utterances }: ReadLocale, allowed: readonly Row[]): string[] {
  return [...utterances].flatMap(([name, texts]) =>
    texts
      .filter(
        (text, index) =>
          texts.indexOf(text) !== index ||
          !allowed.some(({ intent, utterance }) => intent === name && utterance === text),
      )
      .map((text) => `${where}: “${text}” of ${name} is from nowhere, or there twice.`),
  );
}
