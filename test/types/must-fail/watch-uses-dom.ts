// There is no document where builds are watched.
export const title = (): string => document.title;
