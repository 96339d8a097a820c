import { UserError } from "../../scripts/messages/user-error";

/** The message of the UserError that the work ends with. Any other error is thrown again. */
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
