import { describe } from "vitest";
import { describeCommits } from "./store-commits.contract.ts";
import { describeEvents } from "./store-events.contract.ts";
import { describeExecutionLists } from "./store-lists.contract.ts";
import { describeOwnership } from "./store-ownership.contract.ts";
import { type OpenedStore, storeUnderTest } from "./store-under-test.contract.ts";
import { describeWorkflows } from "./store-workflows.contract.ts";

/** What every adapter of the store promises. */
export function describeStore(name: string, open: () => Promise<OpenedStore>): void {
  describe(name, () => {
    const tested = storeUnderTest(open);
    describeOwnership(tested);
    describeCommits(tested);
    describeEvents(tested);
    describeExecutionLists(tested);
    describeWorkflows(tested);
  });
}
