import { OldAgent } from "./old-agent.ts";

/** An agent as a process whose slots are all somebody else's: every dispatch comes back. */
const [registry = "", token = "", capability = ""] = process.argv.slice(2);

await new OldAgent({ registry, token, agentId: "full", capability, isFull: true }).start();
