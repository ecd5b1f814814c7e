import { describe, expect, it } from "vitest";
import { blankExecution } from "../core/execution.ts";
import { testWorkflow } from "../core/transcript.fixture.ts";
import { type Subscriber, WatchHub } from "./watch-hub.ts";

const workflow = testWorkflow({ steps: [{ id: "a" }] });

function publish(hub: WatchHub, id: string): void {
  hub.publish({ execution: blankExecution(id, workflow), events: [], firstPosition: 1 });
}

function listener(name: string, heard: string[]): Subscriber {
  return {
    published: ({ execution }) => heard.push(`${name} ${execution.id}`),
    progressed: ({ fraction }) => heard.push(`${name} ${fraction}`),
    closed: () => heard.push(`${name} closed`),
  };
}

describe("the hub", () => {
  it("tells those of one execution of that, and those of all of everything", () => {
    const [hub, heard] = [new WatchHub(), [] as string[]];
    hub.subscribe("e", listener("one", heard));
    hub.subscribe("e", listener("two", heard));
    hub.subscribeAll(listener("all", heard));
    publish(hub, "e");
    publish(hub, "f");
    hub.progress("e", { step: "a", fraction: 0.5, message: "", timeMs: 1 });
    expect(heard).toEqual(["all e", "one e", "two e", "all f", "one 0.5", "two 0.5"]);
  });

  it("tells nothing to those who left, also when they leave while it tells", () => {
    const [hub, heard] = [new WatchHub(), [] as string[]];
    const leave = hub.subscribe("e", {
      published: () => {
        heard.push("first");
        leave();
      },
      closed: () => {},
    });
    hub.subscribe("e", listener("second", heard));
    const leaveAll = hub.subscribeAll(listener("all", heard));
    publish(hub, "e");
    leaveAll();
    leave();
    publish(hub, "e");
    expect(heard).toEqual(["all e", "first", "second e", "second e"]);
  });

  it("keeps a new subscription when an old one of the same execution is ended twice", () => {
    const [hub, heard] = [new WatchHub(), [] as string[]];
    const leave = hub.subscribe("e", listener("old", heard));
    leave();
    hub.subscribe("e", listener("new", heard));
    leave();
    publish(hub, "e");
    expect(heard).toEqual(["new e"]);
  });

  it("tells everybody when it closes", () => {
    const [hub, heard] = [new WatchHub(), [] as string[]];
    hub.subscribe("e", listener("one", heard));
    hub.subscribeAll(listener("all", heard));
    hub.close();
    expect(heard).toEqual(["all closed", "one closed"]);
  });
});
