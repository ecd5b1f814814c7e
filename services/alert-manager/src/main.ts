import { runService } from "@weft/runtime/lifecycle";
import { createLogger } from "@weft/runtime/logger";
import { readConfig } from "./config.ts";
import { createAlertManager } from "./service.ts";

await runService("alert-manager", () => {
  const config = readConfig();
  const logger = createLogger("alert-manager", config.logLevel);
  const onFatal = (err: Error): never => {
    logger.error({ err }, "the state can't be saved any more; leaving");
    process.exit(1);
  };
  const service = createAlertManager(config, { logger, onFatal });
  process.on("SIGHUP", () => void service.reload());
  return { service, logger };
});
