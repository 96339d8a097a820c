/**
 * The file that is always where CSVs are dropped. SageMaker fails a job that has nothing to download, and
 * without this file a scheduled run would fail each time when nobody dropped anything.
 *
 * Its ending is none of those that start a run or that are read as misses.
 */
export const inboxNote = {
  name: "README.md",
  text: `# Files of missed utterances

Put them here: .csv, .csv.gz, .tsv or .jsonl.

Please leave this file here. Nobody reads it, but a run fails where there is nothing at all.

# Ficheros de frases no entendidas

Déjalos aquí: .csv, .csv.gz, .tsv o .jsonl.

No borres este fichero, por favor. Nadie lo lee, pero una ejecución falla si no encuentra nada en absoluto.
`,
} as const;
