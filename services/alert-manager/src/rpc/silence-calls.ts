import type { AlertService } from "@weft/proto/weft/alerts/v1/alerts_pb";
import type { Handlers } from "@weft/runtime/grpc";
import type { AlertDesk } from "../app/alert-desk.ts";
import { accepted } from "./accepted.ts";
import { fromSilence } from "./alert-messages.ts";
import { naming, toSilence, toSilencePage } from "./alert-requests.ts";
import { writePageToken } from "./page-token.ts";

type SilenceCalls = Pick<Handlers<typeof AlertService>, "createSilence" | "listSilences" | "expireSilence">;

/** What is asked of silences. */
export function silenceCalls(desk: AlertDesk): SilenceCalls {
  return {
    async createSilence(request, { principal }) {
      const silence = accepted(toSilence(request, principal.name));
      return { silence: fromSilence(accepted(await desk.createSilence(silence))) };
    },
    listSilences(request) {
      const { size, after } = accepted(toSilencePage(request));
      const all = desk.listSilences({ expired: request.withExpired });
      const found = all.filter(
        ({ untilMs, id }) =>
          !after || untilMs > after.untilMs || (untilMs === after.untilMs && id > after.id),
      );
      const last = found.length > size ? found[size - 1] : undefined;
      return {
        silences: found.slice(0, size).map(fromSilence),
        nextPageToken: last ? writePageToken("silences", [last.untilMs, last.id]) : "",
      };
    },
    async expireSilence(request) {
      const { silenceId } = accepted(naming(request, "silence_id", request.silenceId));
      return { silence: fromSilence(accepted(await desk.expireSilence(silenceId))) };
    },
  };
}
