import { describe } from "vitest";
import { describeCommits } from "./store-commits.contract.ts";
import { describeEvents } from "./store-events.contract.ts";
import { describeExecutionLists } from "./store-lists.contract.ts";
import { describeOwnership } from "./store-ownership.contract.ts";
import { describeRefusals } from "./store-refusals.contract.ts";
import { describeRelayReads } from "./store-relay.contract.ts";
import { describeTakeOver } from "./store-take-over.contract.ts";
import { type OpenedStore, storeUnderTest } from "./store-under-test.contract.ts";
import { describeWorkflows } from "./store-workflows.contract.ts";

/** What every adapter of the store promises. */
export function describeStore(name: string, open: () => Promise<OpenedStore>): void {
  describe(name, () => {
    const tested = storeUnderTest(open);
    describeOwnership(tested);
    describeCommits(tested);
    describeRefusals(tested);
    describeEvents(tested);
    describeRelayReads(tested);
    describeExecutionLists(tested);
    describeTakeOver(tested);
    describeWorkflows(tested);
  });
}
