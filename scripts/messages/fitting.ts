const mark = "…";

/**
 * One text of parts that has at most so many bytes of UTF-8. The last part is what a person must know, so it
 * stays whole. The others share the room that is left, and each is cut at its end where it is too long.
 */
export function fitting(parts: readonly string[], bytes: number): string {
  const [end = "", ...others] = [...parts].reverse();
  let room = bytes - Buffer.byteLength(end);
  // The shortest first: what it does not need is for the others.
  const byLength = others
    .map((text, place) => ({ text, place }))
    .sort((one, other) => Buffer.byteLength(one.text) - Buffer.byteLength(other.text));
  const fitted = byLength.map(({ text, place }, index) => {
    const share = Math.max(0, Math.floor(room / (byLength.length - index)) - 1);
    const shorter = cutTo(text, share);
    room -= Buffer.byteLength(shorter) + 1;
    return { text: shorter, place };
  });
  const inOrder = fitted.sort((one, other) => other.place - one.place).map(({ text }) => text);
  return cutTo([...inOrder, end].filter((text) => text !== "").join(" "), bytes);
}

/** A text of at most so many bytes. One that is too long is cut between two characters, and ends with "…". */
function cutTo(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) {
    return text;
  }
  const room = bytes - Buffer.byteLength(mark);
  return room < 0
    ? ""
    : `${Buffer.from(text)
        .subarray(0, room)
        .toString()
        .replace(/\uFFFD$/u, "")}${mark}`;
}
