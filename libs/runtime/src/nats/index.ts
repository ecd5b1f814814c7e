export type { NatsPorts } from "./link.ts";
export { NatsPublisher } from "./publisher.ts";
export { NatsSubscriber } from "./subscriber.ts";
