import { runService } from "@weft/runtime/lifecycle";
import { createLogger } from "@weft/runtime/logger";
import { readConfig } from "./config.ts";
import { createOrchestrator } from "./service.ts";

await runService("orchestrator", () => {
  const config = readConfig();
  const logger = createLogger("orchestrator", config.logLevel);
  const onFatal = (): never => process.exit(1);
  return { service: createOrchestrator(config, { logger, onFatal }), logger };
});
