import { runService } from "@weft/runtime/lifecycle";
import { createLogger } from "@weft/runtime/logger";
import { readConfig } from "./config.ts";
import { createRegistry } from "./service.ts";

await runService("registry", () => {
  const config = readConfig();
  const logger = createLogger("registry", config.logLevel);
  return { service: createRegistry(config, { logger }), logger };
});
