/** The largest message that servers and channels take: settings of what travels in one stay well below it. */
export const messageBytesMax = 16 * 1024 * 1024;
