/** The largest message that servers and channels take: settings of what travels in one stay well below it. */
export const messageBytesMax = 16 * 1024 * 1024;

/** An answer that no channel would take. A service may say in its translator of errors what to do about it. */
export class MessageTooLarge extends Error {
  readonly bytes: number;

  constructor(bytes: number) {
    super(`the answer has ${bytes} bytes; the limit of a message is ${messageBytesMax}`);
    this.name = "MessageTooLarge";
    this.bytes = bytes;
  }
}
