import { getSystemErrorMap } from "node:util";
import { z } from "zod";

const fields = z.object({
  code: z.string(),
  errno: z.number(),
  path: z.string().optional(),
  dest: z.string().optional(),
});

type SystemError = Error & z.infer<typeof fields>;

/** Whether it is a failure of the operating system, such as a full disk. */
export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && fields.safeParse(error).success;
}

/** Why the operating system refused, such as "permission denied (EACCES)". */
export function reasonOf({ code, errno }: SystemError): string {
  return `${getSystemErrorMap().get(errno)?.[1] ?? "failed"} (${code})`;
}

/** What the operating system refused, in a sentence. */
export function sentenceOf(error: SystemError): string {
  const place = error.dest ?? error.path;
  return `${place === undefined ? "" : `${place}: `}${reasonOf(error)}. ${adviceFor(error.code)}`;
}

function adviceFor(code: string): string {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return "Free some space and start again.";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "Give yourself the right to it and start again.";
    default:
      return "Mend that and start again.";
  }
}
