import type { AlertView } from "../core/alert.ts";
import { type Rejection, rejection } from "../core/rejection.ts";
import { AlertWatch } from "./alert-watch.ts";

const watchersMax = 100;

/** Everybody who watches alerts. */
export class Watchers {
  readonly #watches = new Set<AlertWatch>();

  add(all: readonly AlertView[]): AlertWatch | Rejection {
    if (this.#watches.size >= watchersMax)
      return rejection("TOO_MANY_WATCHERS", `${watchersMax} readers watch alerts already`);
    const watch: AlertWatch = new AlertWatch(all, () => this.#watches.delete(watch));
    this.#watches.add(watch);
    return watch;
  }

  get isEmpty(): boolean {
    return this.#watches.size === 0;
  }

  offer(views: readonly AlertView[]): void {
    for (const watch of this.#watches) watch.offer(views);
  }

  end(): void {
    for (const watch of this.#watches) watch.end();
  }
}
