import { expect } from "chai";
import { notAllowed } from "../../pipeline/setting-types";
import { parseSetting, requirementOf } from "../../pipeline/settings";

describe("a schedule", () => {
  const allowed = [
    "rate(1 minute)",
    "rate(1 hour)",
    "rate(1 day)",
    "rate(2 minutes)",
    "rate(10 days)",
    "cron(0 6 ? * MON *)",
    "cron(15 12 * * ? *)",
    "cron(0/15 8-18 ? * MON-FRI *)",
    "cron(*/10 0 1,15 JAN,JUL ? 2026-2030)",
    "cron(30 23 L * ? *)",
    "cron(0 0 LW 12 ? 2199)",
    "cron(0 0 15W * ? *)",
    "cron(59 23 ? 1/2 6#3 *)",
    "cron(0 6 ? * 5L 1970)",
  ];
  for (const expression of allowed) {
    it(`may be ${expression}`, () => {
      expect(parseSetting("schedule", expression)).to.equal(expression);
    });
  }

  const refused = {
    "a plural unit for 1": ["rate(1 days)", "rate(1 hours)", "rate(1 minutes)"],
    "a singular unit for more": ["rate(2 day)", "rate(11 hour)", "rate(30 minute)"],
    "a rate without a time": ["rate(0 days)", "rate(01 day)", "rate(days)", "rate()", "rate(1 week)"],
    "both the day and the weekday": ["cron(0 6 * * MON *)", "cron(0 6 * * * *)", "cron(0 6 1 * 2 *)"],
    "neither the day nor the weekday": ["cron(0 6 ? * ? *)"],
    "five or seven fields": ["cron(0 6 ? * MON)", "cron(0 6 ? * MON * *)", "cron(0  6 ? * MON *)"],
    "a value out of its bounds": [
      "cron(60 6 ? * MON *)",
      "cron(0/60 6 ? * MON *)",
      "cron(0 24 ? * MON *)",
      "cron(0 6 0 * ? *)",
      "cron(0 6 32 * ? *)",
      "cron(0 6 32W * ? *)",
      "cron(0 6 ? 13 MON *)",
      "cron(0 6 ? * 0 *)",
      "cron(0 6 ? * 8 *)",
      "cron(0 6 ? * 2#6 *)",
      "cron(0 6 ? * MON 1969)",
      "cron(0 6 ? * MON 2200)",
    ],
    "what no field may be": [
      "cron(x 6 ? * MON *)",
      "cron(? 6 ? * MON *)",
      "cron(0 6 ? * MONDAY *)",
      "cron(0 6 MON * ? *)",
      "cron(0 1-2-3 ? * MON *)",
      "cron(0/0 6 ? * MON *)",
      "cron(0/5/5 6 ? * MON *)",
      "cron(0, 6 ? * MON *)",
      "cron(0 6 ? * MON *",
      "cron()",
      "at(2027-01-01T06:00:00)",
    ],
  };
  for (const [what, expressions] of Object.entries(refused)) {
    it(`cannot have ${what}`, () => {
      const taken = expressions.filter((expression) => parseSetting("schedule", expression) !== notAllowed);
      expect(taken).to.deep.equal([]);
    });
  }

  it("is refused with a word on what is wrong", () => {
    const must = "it must be rate(7 days), a cron expression of six fields in UTC, or empty for no schedule.";
    expect(requirementOf("schedule", "rate(1 days)")).to.equal(
      `${must} The unit is minute, hour or day for 1, as in rate(1 day), and minutes, hours or days for more.`,
    );
    expect(requirementOf("schedule", "cron(0 6 * * MON *)")).to.equal(
      `${must} The fields are minute, hour, day, month, weekday and year, with ? for either the day or the weekday.`,
    );
    expect(requirementOf("schedule", "every monday")).to.equal(must);
  });
});
