import { UserError } from "../../scripts/messages/user-error";

/** What something says to the user when it refuses; any other failure is thrown on. */
export async function refusalOf(running: Promise<unknown>): Promise<string> {
  try {
    await running;
  } catch (error) {
    if (error instanceof UserError) {
      return error.message;
    }
    throw error;
  }
  return "no refusal";
}
