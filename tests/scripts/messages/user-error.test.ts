import { expect } from "chai";
import { exitCodeOf, messageOf, UsageError, UserError } from "../../../scripts/messages/user-error";

describe("errors for people", () => {
  it("end a process with 2 where the command is wrong, and with 1 otherwise", () => {
    expect(exitCodeOf(new UsageError("--port is x."))).to.equal(2);
    expect(exitCodeOf(new UserError("The build failed."))).to.equal(1);
    expect(exitCodeOf(new TypeError("x is undefined"))).to.equal(1);
  });

  it("have a message, whatever was thrown", () => {
    expect(messageOf(new UserError("The build failed."))).to.equal("The build failed.");
    expect(messageOf("thrown text")).to.equal("thrown text");
  });
});
