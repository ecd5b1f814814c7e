import { describe, expect, it } from "vitest";
import { alertView, notificationOf } from "./notification.fixture.ts";
import { slackMessage } from "./receiver-slack.ts";

const textsOf = (message: ReturnType<typeof slackMessage>): readonly string[] =>
  message.blocks.map((block) => ("elements" in block ? (block.elements[0]?.text ?? "") : block.text.text));

describe("a message to Slack", () => {
  it("has a title, a section for each alert, and a text for what shows no blocks", () => {
    const message = slackMessage(notificationOf());
    expect(message.text).toBe(
      "FIRING critical: step-stuck namespace=default workflow=release\npublish of release has made no progress for 5m",
    );
    expect(message.blocks.map(({ type }) => type)).toEqual(["header", "section"]);
    expect(textsOf(message)).toEqual([
      "🔴 FIRING critical: step-stuck namespace=default workflow=release",
      "publish of release has made no progress for 5m\nnamespace=default workflow=release executionId=000-1 stepId=publish",
    ]);
  });

  it("calls nobody and links nowhere, whatever an alert says", () => {
    const alerts = [alertView({ summary: "<!channel> & <https://evil|click>" })];
    const message = slackMessage(notificationOf({ alerts }));
    expect(textsOf(message)[1]).toMatch(/^&lt;!channel&gt; &amp; &lt;https:\/\/evil\|click&gt;\n/);
    expect(message.text).not.toMatch(/[<>]/);
  });

  it("stays within what Slack takes, and escaped characters whole", () => {
    const alerts = Array.from({ length: 50 }, () => alertView({ summary: "<".repeat(5_000) }));
    const groupLabels = { rule: "r", workflow: "🔥".repeat(200) };
    const message = slackMessage(notificationOf({ alerts, groupLabels, alertsLeftOut: 5 }));
    expect(message.blocks).toHaveLength(50);
    expect(message.text.length).toBeLessThanOrEqual(1_000);
    const [header = "", section = ""] = textsOf(message);
    expect(header.length).toBeLessThanOrEqual(150);
    expect(header.isWellFormed()).toBe(true);
    expect(section.length).toBeLessThanOrEqual(3_000);
    expect(section).toMatch(/^(?:&lt;)+…$/);
    expect(textsOf(message).at(-1)).toBe("and 7 more");
  });

  it("tells who took it on", () => {
    const acknowledgement = { by: "ada", comment: "on it", atMs: 0 };
    const alerts = [alertView({ state: "acknowledged", acknowledgement })];
    const texts = textsOf(slackMessage(notificationOf({ status: "acknowledged", alerts })));
    expect(texts[0]).toMatch(/^👀 ACKNOWLEDGED: /);
    expect(texts[1]).toMatch(/\nacknowledged by ada: on it$/);
  });
});
