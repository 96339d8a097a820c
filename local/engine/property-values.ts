import { basename, isAbsolute, relative, resolve, sep } from "node:path";
import { runtime } from "@pulumi/pulumi";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { z } from "zod";

/**
 * A value as JSON. On the wire, Pulumi's special types are objects with a signature; in a record they are
 * marks.
 */
export type Value = z.infer<typeof value>;
export type Properties = Readonly<Record<string, Value>>;

/** Marks in a record, the same as the CLI's. */
export const unknownMark = "[unknown]";
export const secretMark = "[secret]";

const value = z.json();
const properties = z.record(z.string(), value);

export function fromStruct(struct: Struct | undefined): Properties {
  return properties.parse(struct?.toJavaScript() ?? {});
}

export function toStruct(values: Properties): Struct {
  return Struct.fromJavaScript({ ...values });
}

/**
 * The record of a value that came over the wire. Marks replace secrets and unknown values, a reference to a
 * resource becomes its URN, and an asset becomes `{ asset: { path } }` or `{ asset: { text } }`.
 * @param folder where the program runs. Paths are relative to it. A path outside of it keeps only its last
 * part, because temporary folders change.
 */
export function record(value: Value, folder: string): Value {
  if (value === runtime.unknownValue) {
    return unknownMark;
  }
  if (Array.isArray(value)) {
    return value.map((item) => record(item, folder));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  switch (value[runtime.specialSigKey]) {
    case undefined:
      return recordAll(value, folder);
    case runtime.specialSecretSig:
      return secretMark;
    case runtime.specialOutputValueSig:
      if (value["secret"] === true) {
        return secretMark;
      }
      return record(value["value"] ?? runtime.unknownValue, folder);
    case runtime.specialResourceSig:
      return value["urn"] ?? unknownMark;
    case runtime.specialAssetSig:
      return { asset: recordContent(value, folder) };
    case runtime.specialArchiveSig:
      return { archive: recordContent(value, folder) };
    default:
      throw new Error(`a value with the unknown signature ${JSON.stringify(value[runtime.specialSigKey])}`);
  }
}

export function recordAll(values: Properties, folder: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, record(value, folder)]));
}

/** Inputs as the engine returns them: with the value of each output value in its place. */
export function withoutOutputValues(value: Value): Value {
  if (Array.isArray(value)) {
    return value.map(withoutOutputValues);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (value[runtime.specialSigKey] !== runtime.specialOutputValueSig) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutOutputValues(inner)]));
  }
  const resolved = value["value"] ?? runtime.unknownValue;
  return value["secret"] === true
    ? { [runtime.specialSigKey]: runtime.specialSecretSig, value: resolved }
    : resolved;
}

function recordContent(content: Record<string, Value>, folder: string): Value {
  const { path, text, uri, assets } = z
    .object({
      path: z.string().optional(),
      text: z.string().optional(),
      uri: z.string().optional(),
      assets: properties.optional(),
    })
    .parse(content);
  if (path !== undefined) {
    return recordFile(resolve(folder, path), folder);
  }
  if (assets !== undefined) {
    return recordAll(assets, folder);
  }
  return text !== undefined ? { text } : { uri: uri ?? unknownMark };
}

/** Does not read the file: the Node.js runtime may not be on a machine that only tests. */
function recordFile(file: string, folder: string): Value {
  const path = relative(folder, file);
  const inside = !path.startsWith("..") && !isAbsolute(path);
  return { path: inside ? path.split(sep).join("/") : basename(file) };
}
